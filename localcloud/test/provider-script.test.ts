import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { secret } from "../provider/values.ts";
import type { Properties } from "../provider/values.ts";
import { TOKEN } from "./provider-engine.ts";
import { CODE, CODE_SHA256, SCRIPT, scriptInputs, startFixture } from "./provider-fixture.ts";
import type { Fixture } from "./provider-fixture.ts";

const PUT = "PUT /accounts/acc/workers/scripts/counter";
const SERVICE = "GET /accounts/acc/workers/services/counter";
const SETTINGS = "GET /accounts/acc/workers/scripts/counter/settings";
const CONTENT = "GET /accounts/acc/workers/scripts/counter/content/v2";

const UPLOADED = {
  id: "counter",
  created_on: "2026-01-01T00:00:00Z",
  modified_on: "2026-01-02T00:00:00Z",
  etag: "e1",
  migration_tag: "v1",
  has_modules: true,
  has_assets: false,
  handlers: ["fetch"],
  named_handlers: [{ name: "PageCounter", handlers: ["class"] }],
  startup_time_ms: 3,
  last_deployed_from: "terraform",
  bindings: [
    { name: "ALLOWED_ORIGINS", type: "json", json: ["https://a.example"] },
    {
      name: "PAGE_COUNTER",
      type: "durable_object_namespace",
      class_name: "PageCounter",
      namespace_id: "ns1",
    },
  ],
};

const COMPUTED: Properties = {
  createdOn: "2026-01-01T00:00:00Z",
  modifiedOn: "2026-01-02T00:00:00Z",
  etag: "e1",
  migrationTag: "v1",
  hasModules: true,
  hasAssets: false,
  handlers: ["fetch"],
  namedHandlers: [{ name: "PageCounter", handlers: ["class"] }],
  startupTimeMs: 3,
  lastDeployedFrom: "terraform",
};

let fixture: Fixture;
beforeEach(async () => {
  fixture = await startFixture();
});
afterEach(() => fixture.close());

/** Body and boundary of the only upload. */
function upload(): { parts: string[]; metadata: unknown } {
  const [request] = fixture.api.requests;
  const boundary = /boundary=(\w+)$/.exec(request?.headers["content-type"] ?? "")?.[1] ?? "";
  const parts = (request?.body ?? "").split(`--${boundary}`).map((part) => part.trim());
  return { parts, metadata: JSON.parse(parts[2]?.split("\r\n\r\n")[1] ?? "") };
}

describe("an upload", () => {
  test("sends the main module first and the metadata last, without a filename", async () => {
    fixture.api.on(PUT, { result: UPLOADED });
    const { id, outputs } = await fixture.engine.create(SCRIPT, scriptInputs());
    expect(id).toBe("counter");
    const { parts, metadata } = upload();
    expect(parts).toHaveLength(4);
    expect(parts[1]).toBe(
      'Content-Disposition: form-data; name="worker.js"; filename="worker.js"\r\n' +
        `Content-Type: application/javascript+module\r\n\r\n${CODE.trim()}`,
    );
    expect(parts[2]?.split("\r\n\r\n")[0]).toBe(
      'Content-Disposition: form-data; name="metadata"\r\nContent-Type: application/json',
    );
    expect(JSON.stringify(metadata)).toBe(
      JSON.stringify({
        bindings: [
          { json: ["https://a.example"], name: "ALLOWED_ORIGINS", type: "json" },
          { class_name: "PageCounter", name: "PAGE_COUNTER", type: "durable_object_namespace" },
        ],
        compatibility_date: "2026-09-01",
        compatibility_flags: ["no_web_socket_compression"],
        logpush: false,
        main_module: "worker.js",
        migrations: { new_tag: "v1", steps: [{ new_sqlite_classes: ["PageCounter"] }] },
        observability: {
          enabled: true,
          logs: { enabled: true, invocation_logs: true, persist: true },
        },
        usage_model: "standard",
      }),
    );
    expect(outputs).toEqual({
      ...scriptInputs(),
      ...COMPUTED,
      bindings: [
        { name: "ALLOWED_ORIGINS", type: "json", json: '["https://a.example"]' },
        {
          name: "PAGE_COUNTER",
          type: "durable_object_namespace",
          className: "PageCounter",
          namespaceId: "ns1",
        },
      ],
      logpush: false,
      usageModel: "standard",
    });
  });

  test("carries the token and a rate limit's numbers", async () => {
    fixture.api.on(PUT, { result: UPLOADED });
    const limit = { limit: 30, period: 60 };
    const bindings = [{ name: "RATE_LIMIT", type: "ratelimit", namespaceId: "1", simple: limit }];
    await fixture.engine.create(SCRIPT, scriptInputs({ bindings, keepBindings: ["secret_text"] }));
    expect(fixture.api.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(upload().metadata).toMatchObject({
      bindings: [{ name: "RATE_LIMIT", namespace_id: "1", simple: limit, type: "ratelimit" }],
      keep_bindings: ["secret_text"],
    });
  });

  test("without a main module sends a service worker", async () => {
    fixture.api.on(PUT, { result: UPLOADED });
    const { mainModule, contentFile, contentSha256, ...rest } = scriptInputs();
    expect([mainModule, contentFile, contentSha256]).toEqual([
      "worker.js",
      "worker.js",
      CODE_SHA256,
    ]);
    await fixture.engine.create(SCRIPT, { ...rest, content: "addEventListener()" });
    const { parts, metadata } = upload();
    expect(parts[1]).toBe(
      'Content-Disposition: form-data; name="script"; filename="script"\r\n' +
        "Content-Type: application/javascript\r\n\r\naddEventListener()",
    );
    expect(metadata).toMatchObject({ body_part: "script" });
  });

  test("reveals secrets to the API and keeps them secret in the state", async () => {
    fixture.api.on(PUT, { result: UPLOADED });
    const bindings = secret([{ name: "KEY", type: "secret_text", text: secret("hunter2") }]);
    const { outputs } = await fixture.engine.create(SCRIPT, scriptInputs({ bindings }));
    expect(upload().metadata).toMatchObject({
      bindings: [{ name: "KEY", text: "hunter2", type: "secret_text" }],
    });
    expect(outputs["bindings"]).toEqual(bindings);
  });

  test("of another file than the preview saw is refused before anything is sent", async () => {
    await writeFile(join(fixture.programDir, "worker.js"), "export default {};");
    await expect(fixture.engine.create(SCRIPT, scriptInputs())).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: expect.stringMatching(/^contentSha256: '.+' is not the hash of contentFile/),
    });
    expect(fixture.api.calls()).toEqual([]);
  });

  test("again is the same request, and keeps what its answer leaves out", async () => {
    fixture.api.on(PUT, { result: { etag: "e2", modified_on: "2026-01-03T00:00:00Z" } });
    const { migrations, ...news } = scriptInputs();
    const state = { inputs: scriptInputs(), outputs: { ...scriptInputs(), ...COMPUTED } };
    const outputs = await fixture.engine.update(SCRIPT, "counter", state, news);
    expect(migrations).toBeDefined();
    expect(fixture.api.calls()).toEqual([PUT]);
    expect(outputs).toEqual({
      ...news,
      ...COMPUTED,
      etag: "e2",
      modifiedOn: "2026-01-03T00:00:00Z",
      logpush: false,
      usageModel: "standard",
    });
  });
});

describe("a deletion", () => {
  test.each([
    [{}, "DELETE /accounts/acc/workers/scripts/counter"],
    [{ force: true }, "DELETE /accounts/acc/workers/scripts/counter?force=true"],
  ])("of a script with %o is %s", async (changes, call) => {
    fixture.api.on(call, { result: null });
    await fixture.engine.delete(SCRIPT, "counter", scriptInputs(changes));
    expect(fixture.api.calls()).toEqual([call]);
  });
});

/** What the API says of a script that nobody has touched. */
function settings(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    bindings: UPLOADED.bindings,
    compatibility_date: "2026-09-01",
    compatibility_flags: ["no_web_socket_compression"],
    observability: { enabled: true, logs: { enabled: true, invocation_logs: true, persist: true } },
    placement: {},
    tail_consumers: null,
    usage_model: "standard",
    logpush: false,
    ...changes,
  };
}

function play(options: { settings?: Record<string, unknown>; code?: string } = {}): void {
  const script = { ...UPLOADED, bindings: undefined };
  fixture.api.on(SERVICE, { result: { id: "counter", default_environment: { script } } });
  fixture.api.on(SETTINGS, { result: settings(options.settings) });
  const raw =
    '--b\r\nContent-Disposition: form-data; name="worker.js"; filename="worker.js"\r\n' +
    `Content-Type: application/javascript+module\r\n\r\n${options.code ?? CODE}\r\n--b--\r\n`;
  fixture.api.on(CONTENT, { raw, headers: { "content-type": "multipart/form-data; boundary=b" } });
}

const refresh = (inputs: Properties = scriptInputs()) =>
  fixture.engine.read(SCRIPT, "counter", { inputs, outputs: { ...inputs, ...COMPUTED } });

describe("a refresh", () => {
  test("of what nobody touched changes no input", async () => {
    play();
    const { id, inputs, outputs } = await refresh();
    expect(id).toBe("counter");
    expect(inputs).toEqual(scriptInputs());
    expect(outputs).toMatchObject(COMPUTED);
    expect(fixture.api.calls()).toEqual([SERVICE, SETTINGS, CONTENT]);
  });

  test("sees other code by its hash", async () => {
    play({ code: "export default {};" });
    expect((await refresh()).inputs).toEqual(
      scriptInputs({
        contentSha256: "9f085b1079ab38f776bbb3930dfd067a838ca3e0483aff8625f88837e8ed964c",
      }),
    );
  });

  test("reads code that comes without multipart", async () => {
    play();
    fixture.api.on(CONTENT, {
      raw: CODE,
      headers: { "content-type": "application/javascript+module" },
    });
    expect((await refresh()).inputs).toEqual(scriptInputs());
  });

  test("sees settings that were changed by hand", async () => {
    play({
      settings: {
        compatibility_date: "2025-01-01",
        usage_model: "unbound",
        observability: { enabled: false },
        compatibility_flags: ["nodejs_compat"],
        limits: { cpu_ms: 10 },
      },
    });
    expect((await refresh()).inputs).toEqual(
      scriptInputs({
        compatibilityDate: "2025-01-01",
        usageModel: "unbound",
        observability: { enabled: false },
        compatibilityFlags: ["nodejs_compat"],
        limits: { cpuMs: 10 },
      }),
    );
  });

  test("sees bindings that were changed, removed and added by hand", async () => {
    play({
      settings: {
        bindings: [
          { name: "ALLOWED_ORIGINS", type: "json", json: ["https://evil.example"] },
          { name: "EXTRA", type: "plain_text", text: "x" },
          { name: "TOKEN", type: "secret_text" },
        ],
      },
    });
    expect((await refresh()).inputs["bindings"]).toEqual([
      { name: "ALLOWED_ORIGINS", type: "json", json: '["https://evil.example"]' },
      { name: "EXTRA", type: "plain_text", text: secret("x") },
    ]);
  });

  test("takes a binding of another type for another binding", async () => {
    play({ settings: { bindings: [{ name: "PAGE_COUNTER", type: "json", json: null }] } });
    expect((await refresh()).inputs["bindings"]).toEqual([{ name: "PAGE_COUNTER", type: "json" }]);
  });

  test("keeps what the API never tells: a secret's text, and how JSON was written", async () => {
    const bindings = [
      { name: "A", type: "json", json: '{ "a": 1,  "b": 2 }' },
      { name: "B", type: "secret_text", text: secret("hunter2") },
    ];
    play({
      settings: {
        bindings: [
          { name: "A", type: "json", json: { b: 2, a: 1 } },
          { name: "B", type: "secret_text" },
        ],
      },
    });
    const inputs = scriptInputs({ bindings });
    expect((await refresh(inputs)).inputs).toEqual(inputs);
  });

  test("takes what Cloudflare fills in of observability for a change, unless the program states it", async () => {
    const logs = { enabled: true, invocation_logs: true, persist: true, head_sampling_rate: 1 };
    const filled = { enabled: true, head_sampling_rate: 1, logs };
    const stated = {
      enabled: true,
      headSamplingRate: 1,
      logs: { enabled: true, invocationLogs: true, headSamplingRate: 1 },
    };
    play({ settings: { observability: filled } });
    for (const observability of [stated, { enabled: true }]) {
      expect((await refresh(scriptInputs({ observability }))).inputs).toEqual(
        scriptInputs({ observability: stated }),
      );
    }
  });

  test("does not take what is empty for a change", async () => {
    const logs = { enabled: true, invocation_logs: true, persist: true, destinations: [] };
    const traces = { enabled: false, persist: true, head_sampling_rate: 1, destinations: [] };
    play({
      settings: {
        observability: { enabled: true, logs, traces },
        tail_consumers: [],
        limits: {},
      },
    });
    expect((await refresh()).inputs).toEqual(scriptInputs());
  });

  test("of a script that is gone says so", async () => {
    const errors = [{ code: 10090, message: "workers.api.error.service_not_found" }];
    fixture.api.on(SERVICE, { status: 404, errors });
    expect(await refresh()).toEqual({ id: "", inputs: {}, outputs: {} });
  });
});

describe("an import", () => {
  test("reads the script from its account and name", async () => {
    play();
    const { id, inputs, outputs } = await fixture.engine.read(SCRIPT, "acc/counter");
    expect(id).toBe("counter");
    expect(inputs).toEqual({
      accountId: "acc",
      scriptName: "counter",
      content: CODE,
      mainModule: "worker.js",
      bindings: [
        { name: "ALLOWED_ORIGINS", type: "json", json: '["https://a.example"]' },
        { name: "PAGE_COUNTER", type: "durable_object_namespace", className: "PageCounter" },
      ],
      compatibilityDate: "2026-09-01",
      compatibilityFlags: ["no_web_socket_compression"],
      observability: { enabled: true, logs: { enabled: true, invocationLogs: true } },
    });
    expect(outputs).toMatchObject(COMPUTED);
  });

  test("of another form of id is refused", async () => {
    await expect(fixture.engine.read(SCRIPT, "counter")).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: "cannot import 'counter' as WorkersScript: the id must be accountId/scriptName",
    });
  });
});

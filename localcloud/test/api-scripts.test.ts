import { describe, expect, test } from "vitest";
import { type Result, startSharedCloud, uniqueName } from "./support/cloud.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";

const cloud = await startSharedCloud();

const SCRIPTS = "/accounts/:account/workers/scripts";
const SERVICES = "/accounts/:account/workers/services";

/** The provider's metadata for a Worker with a Durable Object, bindings in the program's order. */
const METADATA = {
  bindings: [
    { json: ["https://a.example"], name: "ALLOWED_ORIGINS", type: "json" },
    { class_name: "Room", name: "COUNTER", type: "durable_object_namespace" },
  ],
  compatibility_date: "2026-09-01",
  compatibility_flags: ["no_web_socket_compression"],
  logpush: false,
  observability: { enabled: true, logs: { enabled: true, invocation_logs: true, persist: true } },
  usage_model: "standard",
};
const FIRST = {
  ...METADATA,
  migrations: { new_tag: "v1", steps: [{ new_sqlite_classes: ["Room"] }] },
};

test("an upload as the provider sends it answers with what the provider reads back", async () => {
  const app = uniqueName();
  const { status, headers, result } = await cloud.upload(app, counter("Room"), FIRST);
  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(result).toMatchObject({
    id: app,
    handlers: ["fetch"],
    has_assets: false,
    has_modules: true,
    last_deployed_from: "terraform",
    migration_tag: "v1",
    named_handlers: [{ name: "Room", handlers: ["fetch"] }],
  });
  expect(result.startup_time_ms).toBeGreaterThanOrEqual(1);
  expect(result.deployment_id).toMatch(/^[\da-f]{32}$/);
  expect(result.etag).toMatch(/^[\da-f]{64}$/);
  expect(result.created_on).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});

test("bindings come back sorted by name, Durable Objects with the id of their namespace", async () => {
  const app = uniqueName();
  const bindings = METADATA.bindings.toReversed();
  const { result } = await cloud.upload(app, counter("Room"), { ...FIRST, bindings });
  const namespaces = await cloud.api<Result[]>(
    "GET",
    "/accounts/:account/workers/durable_objects/namespaces",
  );
  const namespace = namespaces.result.find(({ script }) => script === app);
  expect(result.bindings).toEqual([
    { json: ["https://a.example"], name: "ALLOWED_ORIGINS", type: "json" },
    {
      class_name: "Room",
      name: "COUNTER",
      type: "durable_object_namespace",
      namespace_id: namespace?.id,
    },
  ]);
  expect(namespace).toEqual({
    id: expect.stringMatching(/^[\da-f]{32}$/),
    name: `${app}_Room`,
    script: app,
    class: "Room",
    use_sqlite: true,
  });
});

test("a refresh finds what was uploaded, and nothing that was not", async () => {
  const app = uniqueName();
  const code = counter("Room");
  const uploaded = (await cloud.upload(app, code, FIRST)).result;
  const service = (await cloud.api("GET", `${SERVICES}/${app}`)).result;
  expect(service.default_environment.script).toMatchObject({
    id: app,
    etag: uploaded.etag,
    migration_tag: "v1",
  });
  expect((await cloud.api("GET", `${SCRIPTS}/${app}/settings`)).result).toEqual({
    bindings: uploaded.bindings,
    annotations: { "workers/triggered_by": "upload" },
    compatibility_date: "2026-09-01",
    compatibility_flags: ["no_web_socket_compression"],
    logpush: false,
    observability: {
      enabled: true,
      head_sampling_rate: 1,
      logs: { enabled: true, head_sampling_rate: 1, invocation_logs: true, persist: true },
    },
    placement: {},
    tags: [],
    tail_consumers: null,
    usage_model: "standard",
  });
});

test.each(["/content/v2", ""])(
  "the content at %o starts with the main module, byte for byte",
  async (path) => {
    const app = uniqueName();
    const code = `${hello("héllo")}\n// \r\n`;
    await cloud.upload(app, code);
    const response = await fetch(
      `${cloud.apiUrl}/accounts/${cloud.accountId}/workers/scripts/${app}${path}`,
      {
        headers: { authorization: "Bearer x" },
      },
    );
    expect(response.headers.get("cf-entrypoint")).toBe("worker.js");
    const form = await response.formData();
    const [[name, file] = []] = form;
    expect(name).toBe("worker.js");
    expect(file).toBeInstanceOf(File);
    expect(file instanceof File ? await file.text() : null).toBe(code);
  },
);

test("settings keep limits, placement and tail consumers when they were uploaded", async () => {
  const app = uniqueName();
  await cloud.upload(`${app}-logs`, hello("logs"));
  await cloud.upload(app, hello("app"), {
    limits: { cpu_ms: 50 },
    placement: { mode: "smart" },
    tail_consumers: [{ service: `${app}-logs` }],
  });
  expect((await cloud.api("GET", `${SCRIPTS}/${app}/settings`)).result).toMatchObject({
    limits: { cpu_ms: 50 },
    placement: { mode: "smart" },
    tail_consumers: [{ service: `${app}-logs` }],
  });
});

test("settings complete what was said of observability, and say nothing when nothing was", async () => {
  const app = uniqueName();
  const observabilityOf = async (observability?: object): Promise<unknown> => {
    await cloud.upload(app, hello("app"), { observability });
    return (await cloud.api("GET", `${SCRIPTS}/${app}/settings`)).result.observability;
  };
  const logs = { enabled: true, head_sampling_rate: 1, invocation_logs: true, persist: true };
  expect(await observabilityOf()).toBeUndefined();
  expect(await observabilityOf({ enabled: true, traces: { enabled: true } })).toEqual({
    enabled: true,
    head_sampling_rate: 1,
    logs,
    traces: { enabled: true },
  });
  const off = { enabled: true, head_sampling_rate: 0.5, logs: { enabled: false } };
  expect(await observabilityOf(off)).toEqual({ ...off, logs: { ...logs, enabled: false } });
});

test("an upload replaces all settings, those that it leaves out too", async () => {
  const app = uniqueName();
  await cloud.upload(app, counter("Room"), FIRST);
  const second = { ...METADATA, observability: undefined, bindings: [counterBinding("Room")] };
  const { result } = await cloud.upload(app, counter("Room"), second);
  expect(result.observability).toBeUndefined();
  expect(result.bindings.map(({ name }) => name)).toEqual(["COUNTER"]);
});

test("the same upload again is another version of the same code", async () => {
  const app = uniqueName();
  const first = (await cloud.upload(app, hello("1"))).result;
  const second = (await cloud.upload(app, hello("1"))).result;
  expect(second.etag).toBe(first.etag);
  expect(second.created_on).toBe(first.created_on);
  expect(second.deployment_id).not.toBe(first.deployment_id);
});

test("secrets are kept when asked for, never shown, and dropped when not asked for", async () => {
  const app = uniqueName();
  const code = "export default { fetch(_, env) { return new Response(env.KEY ?? 'none'); } };";
  await cloud.upload(app, code, { bindings: [{ type: "secret_text", name: "KEY", text: "hush" }] });
  await cloud.api("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
  const kept = await cloud.upload(app, code, { bindings: [], keep_bindings: ["secret_text"] });
  expect(kept.result.bindings).toEqual([{ type: "secret_text", name: "KEY" }]);
  expect((await cloud.visit(`${app}.local.workers.dev`)).text).toBe("hush");
  const dropped = await cloud.upload(app, code, { bindings: [] });
  expect(dropped.result.bindings).toEqual([]);
  expect((await cloud.visit(`${app}.local.workers.dev`)).text).toBe("none");
});

test("scripts are listed with their migration tags, and gone from the list when deleted", async () => {
  const app = uniqueName();
  const list = async (): Promise<unknown[]> =>
    (await cloud.api<Result[]>("GET", SCRIPTS)).result
      .filter(({ id }) => id.startsWith(app))
      .map((script) => [script.id, script.migration_tag]);
  await cloud.upload(app, counter("Room"), FIRST);
  await cloud.upload(`${app}-plain`, hello("plain"));
  expect(await list()).toEqual([
    [app, "v1"],
    [`${app}-plain`, undefined],
  ]);
  const deleted = await cloud.api("DELETE", `${SCRIPTS}/${app}`);
  expect(deleted).toMatchObject({ status: 200, success: true, result: null });
  expect(await list()).toEqual([[`${app}-plain`, undefined]]);
});

test.each([
  ["DELETE", `${SCRIPTS}/nobody`, 10007, "This Worker does not exist on your account."],
  ["GET", `${SCRIPTS}/nobody`, 10007, "This Worker does not exist on your account."],
  ["GET", `${SCRIPTS}/nobody/settings`, 10007, "This Worker does not exist on your account."],
  ["GET", `${SCRIPTS}/nobody/content/v2`, 10007, "This Worker does not exist on your account."],
  ["GET", `${SCRIPTS}/nobody/subdomain`, 10007, "This Worker does not exist on your account."],
  ["GET", `${SERVICES}/nobody`, 10090, "workers.api.error.service_not_found"],
  ["GET", `${SERVICES}/constructor`, 10090, "workers.api.error.service_not_found"],
])("%s %s is 404", async (method, path, code, message) => {
  const { status, success, errors, headers } = await cloud.api(method, path);
  expect({ status, success, errors }).toEqual({
    status: 404,
    success: false,
    errors: [{ code, message }],
  });
  expect(headers.get("x-should-retry")).toBe("false");
});

test.each([
  [
    "a syntax error",
    "export default {{",
    {},
    /^Uncaught SyntaxError: Unexpected token .*\s+at worker\.js:1:16/,
  ],
  [
    "an error at the start",
    "throw new TypeError('at start');",
    {},
    /^Uncaught TypeError: at start/,
  ],
  [
    "an import that is missing",
    "import './gone.js'; export default { fetch() {} };",
    {},
    /No such module.*gone\.js/,
  ],
  [
    "no handlers",
    "export default {};",
    {},
    /^The uploaded script has no registered event handlers\.$/,
  ],
  [
    "a binding that cannot be provided",
    hello("x"),
    { bindings: [{ type: "kv_namespace", name: "KV", namespace_id: "1" }] },
    /binding 'KV' has type 'kv_namespace', which the local cloud does not provide/,
  ],
  [
    "a variable of 6 KB",
    hello("x"),
    { bindings: [{ type: "plain_text", name: "LIST", text: "x".repeat(6_000) }] },
    /^The variable or secret 'LIST' has 6000 bytes; it may have 5120\.$/,
  ],
  [
    "a service binding to no script",
    hello("x"),
    { bindings: [{ type: "service", name: "API", service: "nobody" }] },
    /^Could not resolve service binding 'API'\. Target script 'nobody' not found\. Please verify the target script and try again\.$/,
  ],
  [
    "a compatibility flag that does not exist",
    hello("x"),
    { compatibility_date: "2026-09-01", compatibility_flags: ["no_such_flag"] },
    /^No such compatibility flag: no_such_flag$/,
  ],
  [
    "a compatibility flag for workerd alone",
    hello("x"),
    { compatibility_date: "2026-09-01", compatibility_flags: ["experimental"] },
    /^The compatibility flag experimental is experimental and cannot yet be used in Workers deployed to Cloudflare\.$/,
  ],
])(
  "an upload with %s is refused, and what served before still does",
  async (_, code, metadata, message) => {
    const app = uniqueName();
    await cloud.upload(app, hello("old"));
    await cloud.api("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
    const before = await cloud.api("GET", SCRIPTS);
    const { status, errors } = await cloud.upload(app, code, metadata);
    expect(status).toBe(400);
    expect(errors[0]?.message).toMatch(message);
    expect(await cloud.visit(`${app}.local.workers.dev`)).toEqual({ status: 200, text: "old" });
    expect((await cloud.api("GET", SCRIPTS)).result).toEqual(before.result);
  },
);

test("the date of today is taken, though workerd is older", async () => {
  const app = uniqueName();
  const today = new Date().toISOString().slice(0, 10);
  expect((await cloud.upload(app, hello("new"), { compatibility_date: today })).status).toBe(200);
  await cloud.api("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
  expect((await cloud.visit(`${app}.local.workers.dev`)).text).toBe("new");
  expect((await cloud.api("GET", `${SCRIPTS}/${app}/settings`)).result).toMatchObject({
    compatibility_date: today,
  });
});

function bindingTo(service: string, entrypoint: string): object {
  return {
    bindings: [{ type: "service", name: "ADMIN", service, entrypoint }],
    compatibility_date: "2026-09-01",
  };
}

describe("a service binding to a named entrypoint", () => {
  const ADMIN = `import { WorkerEntrypoint } from "cloudflare:workers";
    export class Admin extends WorkerEntrypoint { hello() { return "hello"; } }
    export default { fetch() {} };`;
  const CALLER = `export default { async fetch(request, env) {
    try { return new Response(await env.ADMIN.hello()); }
    catch (error) { return new Response(error.message); }
  } };`;

  test("is refused when the script does not export it", async () => {
    const api = uniqueName();
    await cloud.upload(api, ADMIN);
    const { status, errors } = await cloud.upload(uniqueName(), CALLER, bindingTo(api, "Nobody"));
    expect([status, errors[0]]).toEqual([
      400,
      {
        code: 10021,
        message: `Could not resolve service binding 'ADMIN'. Target script '${api}' has no entrypoint 'Nobody': export it from the main module and deploy that first.`,
      },
    ]);
  });

  test("may be one of the upload itself", async () => {
    const own = uniqueName();
    const code = ADMIN.replace(
      "fetch() {}",
      "fetch: async (request, env) => new Response(await env.ADMIN.hello())",
    );
    expect((await cloud.upload(own, code, bindingTo(own, "Admin"))).status).toBe(200);
    await cloud.api("POST", `${SCRIPTS}/${own}/subdomain`, { enabled: true });
    expect((await cloud.visit(`${own}.local.workers.dev`)).text).toBe("hello");
  });

  test("fails when it is called once its script lost it, and works again when that is back", async () => {
    const [api, caller] = [uniqueName(), uniqueName()];
    const host = `${caller}.local.workers.dev`;
    await cloud.upload(api, ADMIN);
    await cloud.upload(caller, CALLER, bindingTo(api, "Admin"));
    await cloud.api("POST", `${SCRIPTS}/${caller}/subdomain`, { enabled: true });
    expect((await cloud.visit(host)).text).toBe("hello");
    expect((await cloud.upload(api, hello("without"))).status).toBe(200);
    expect((await cloud.visit(host)).text).toBe(
      "The script or entrypoint that this binding names does not exist.",
    );
    await cloud.upload(api, ADMIN);
    expect((await cloud.visit(host)).text).toBe("hello");
  });
});

test("a first upload that is refused leaves no script", async () => {
  const app = uniqueName();
  expect((await cloud.upload(app, "export default {{")).status).toBe(400);
  expect((await cloud.api("GET", `${SERVICES}/${app}`)).status).toBe(404);
});

test("a script name that Cloudflare does not take is refused", async () => {
  const { status, errors } = await cloud.upload("My%20App", hello("x"));
  expect({ status, code: errors[0]?.code }).toEqual({ status: 400, code: 10016 });
});

test.each(["constructor", "__proto__", "a_b-9"])("a script may be called %s", async (name) => {
  expect((await cloud.upload(name, hello("x"))).result.id).toBe(name);
  expect((await cloud.api("GET", `${SERVICES}/${name}`)).result.id).toBe(name);
  expect((await cloud.api("DELETE", `${SCRIPTS}/${name}`)).status).toBe(200);
});

test("uploads of one script at the same time are taken one after the other", async () => {
  const app = uniqueName();
  const answers = await Promise.all(["1", "2", "3"].map((text) => cloud.upload(app, hello(text))));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(new Set(answers.map(({ result }) => result.deployment_id)).size).toBe(3);
});

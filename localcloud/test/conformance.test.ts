import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ERRORS } from "../src/errors.ts";
import type { ErrorKind } from "../src/errors/kind.ts";
import { type ApiAnswer, clientOf, startSharedCloud } from "./support/cloud.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";

/**
 * What the local cloud promises to do as Cloudflare does. It runs against the local cloud always, and against
 * Cloudflare itself when somebody asks for it: see the README. Only scripts with this prefix are touched.
 */
const PREFIX = `localcloud-conformance-${randomUUID().slice(0, 8)}`;

const isCloudflare = process.env["LOCALCLOUD_CONFORMANCE"] === "cloudflare";
const { api, upload } = isCloudflare ? cloudflare() : await startSharedCloud();

const WORKERS = "/accounts/:account/workers";
const SCRIPTS = `${WORKERS}/scripts`;
const APP = `${PREFIX}-app`;
const MISSING = `${PREFIX}-missing`;
const NO_UUID = "00000000-0000-4000-8000-000000000000";

const ROOM = {
  bindings: [
    counterBinding("Room"),
    { type: "plain_text", name: "GREETING", text: "hello" },
    { type: "secret_text", name: "KEY", text: "hush" },
  ],
  compatibility_date: "2026-09-01",
};

function cloudflare(): ReturnType<typeof clientOf> {
  const token = process.env["CLOUDFLARE_API_TOKEN"] ?? "";
  const accountId = process.env["CLOUDFLARE_ACCOUNT_ID"] ?? "";
  if (token === "" || accountId === "") {
    throw new Error(
      "LOCALCLOUD_CONFORMANCE=cloudflare needs CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID of a test account.",
    );
  }
  const target = { apiUrl: "https://api.cloudflare.com/client/v4", edgeUrl: "", accountId };
  return clientOf(target, token);
}

beforeAll(async () => {
  const { errors } = await upload(APP, counter("Room"), {
    ...ROOM,
    migrations: { new_tag: "v1", steps: [{ new_sqlite_classes: ["Room"] }] },
  });
  if (errors.length > 0)
    throw new Error(`The script could not be uploaded: ${JSON.stringify(errors)}`);
});

afterAll(async () => {
  const { result } = await api<{ id: string }[]>("GET", SCRIPTS);
  for (const { id } of result.filter((script) => script.id.startsWith(PREFIX))) {
    await api("DELETE", `${SCRIPTS}/${id}?force=true`);
  }
});

/** The fields of successes that clients depend on. */
describe("a success", () => {
  test("of an upload names handlers, the migration's tag and bindings by name, without secrets", async () => {
    const { result } = await api("GET", `${SCRIPTS}/${APP}/settings`);
    expect(result.bindings).toMatchObject([
      { name: "COUNTER", type: "durable_object_namespace", class_name: "Room" },
      { name: "GREETING", type: "plain_text", text: "hello" },
      { name: "KEY", type: "secret_text" },
    ]);
    expect(JSON.stringify(result)).not.toContain("hush");
    const service = await api("GET", `${WORKERS}/services/${APP}`);
    expect(service.result.default_environment.script).toMatchObject({ migration_tag: "v1" });
  });

  test("of a list of scripts has the script", async () => {
    const { result } = await api<{ id: string; migration_tag?: string }[]>("GET", SCRIPTS);
    expect(result.find(({ id }) => id === APP)).toMatchObject({ migration_tag: "v1" });
  });

  test("of a secret makes a deployment of a version of its own, and drops no binding", async () => {
    const put = await api("PUT", `${SCRIPTS}/${APP}/secrets`, {
      name: "SECOND",
      text: "x",
      type: "secret_text",
    });
    expect(put.result).toEqual({ name: "SECOND", type: "secret_text" });
    const { result } = await api<{ name: string }[]>("GET", `${SCRIPTS}/${APP}/secrets`);
    expect(result.map(({ name }) => name).toSorted()).toEqual(["KEY", "SECOND"]);
    const deployments = await api("GET", `${SCRIPTS}/${APP}/deployments`);
    expect(deployments.result.deployments[0]).toMatchObject({
      strategy: "percentage",
      annotations: { "workers/triggered_by": "secret" },
    });
    expect((await api("DELETE", `${SCRIPTS}/${APP}/secrets/SECOND`)).status).toBe(200);
  });

  test("of cron triggers gives back what was put", async () => {
    const body = [{ cron: "0 0 * * sun" }];
    const { result } = await api<{ schedules: object[] }>(
      "PUT",
      `${SCRIPTS}/${APP}/schedules`,
      body,
    );
    expect(result.schedules).toMatchObject(body);
    expect((await api("GET", `${SCRIPTS}/${APP}/schedules`)).result).toEqual(result);
  });

  test("of a tail gives an address and an end", async () => {
    const { result } = await api<{ id: string; url: string; expires_at: string }>(
      "POST",
      `${SCRIPTS}/${APP}/tails`,
      { filters: [] },
    );
    expect(result.url).toMatch(/^wss?:\/\//);
    expect(Date.parse(result.expires_at)).toBeGreaterThan(Date.now());
    expect((await api("DELETE", `${SCRIPTS}/${APP}/tails/${result.id}`)).status).toBe(200);
  });

  test("of the settings that belong to the script changes those that are sent", async () => {
    const path = `${SCRIPTS}/${APP}/script-settings`;
    await api("PATCH", path, { tags: ["a"] });
    expect((await api("GET", path)).result).toMatchObject({ tags: ["a"], logpush: false });
  });
});

interface Failure {
  of: string;
  kind: ErrorKind;
  ask: () => Promise<ApiAnswer>;
}

const get = (path: string) => () => api("GET", path);
const send = (method: string, path: string, body: unknown) => () => api(method, path, body);
const again = (code: string, metadata: object) => () => upload(APP, code, { ...ROOM, ...metadata });
const fresh = (code: string, metadata: object) => () => upload(`${PREFIX}-bad`, code, metadata);

const FAILURES: readonly Failure[] = [
  {
    of: "settings of a script that is not there",
    kind: ERRORS.SCRIPT_NOT_FOUND,
    ask: get(`${SCRIPTS}/${MISSING}/settings`),
  },
  {
    of: "a service that is not there",
    kind: ERRORS.SERVICE_NOT_FOUND,
    ask: get(`${WORKERS}/services/${MISSING}`),
  },
  {
    of: "a version that is not there",
    kind: ERRORS.VERSION_NOT_FOUND,
    ask: get(`${SCRIPTS}/${APP}/versions/${NO_UUID}`),
  },
  {
    of: "a deployment that is not there",
    kind: ERRORS.DEPLOYMENT_NOT_FOUND,
    ask: get(`${SCRIPTS}/${APP}/deployments/${NO_UUID}`),
  },
  {
    of: "objects of a namespace that is not there",
    kind: ERRORS.NAMESPACE_NOT_FOUND,
    ask: get(`${WORKERS}/durable_objects/namespaces/${"0".repeat(32)}/objects`),
  },
  {
    of: "a secret that is not there",
    kind: ERRORS.SECRET_NOT_FOUND,
    ask: send("DELETE", `${SCRIPTS}/${APP}/secrets/NONE`, undefined),
  },
  {
    of: "a secret with the name of another binding",
    kind: ERRORS.BINDING_NAME_TAKEN,
    ask: send("PUT", `${SCRIPTS}/${APP}/secrets`, {
      name: "GREETING",
      text: "x",
      type: "secret_text",
    }),
  },
  {
    of: "a weekday 0",
    kind: ERRORS.INVALID_CRON,
    ask: send("PUT", `${SCRIPTS}/${APP}/schedules`, [{ cron: "0 22 * * 0" }]),
  },
  {
    of: "a migration from a tag that is not the current one",
    kind: ERRORS.MIGRATION_TAG_MISMATCH,
    ask: again(counter("Room"), { migrations: { new_tag: "v1", steps: [] } }),
  },
  {
    of: "a class that has objects already",
    kind: ERRORS.CLASS_ALREADY_DEPENDED_ON,
    ask: again(counter("Room"), {
      migrations: { old_tag: "v1", new_tag: "v2", steps: [{ new_sqlite_classes: ["Room"] }] },
    }),
  },
  {
    of: "a migration of a class that is not exported",
    kind: ERRORS.MIGRATED_CLASS_NOT_EXPORTED,
    ask: again(counter("Room"), {
      migrations: { old_tag: "v1", new_tag: "v2", steps: [{ new_sqlite_classes: ["None"] }] },
    }),
  },
  {
    of: "code that lost its class",
    kind: ERRORS.DEPENDED_ON_CLASS_NOT_EXPORTED,
    ask: again(hello("no class"), { bindings: [] }),
  },
  {
    of: "a binding to a class that no migration made",
    kind: ERRORS.BINDING_CLASS_NOT_CONFIGURED,
    ask: fresh(counter("Room"), { bindings: [counterBinding("Room")] }),
  },
  {
    of: "a binding to a class of a script that is not there",
    kind: ERRORS.BINDING_SCRIPT_MISSING,
    ask: fresh(hello("x"), {
      bindings: [{ ...counterBinding("Room"), script_name: MISSING }],
    }),
  },
  {
    of: "code without handlers",
    kind: ERRORS.NO_EVENT_HANDLERS,
    ask: fresh("export default {};", {}),
  },
  {
    of: "code that is none",
    kind: ERRORS.INVALID_UPLOAD,
    ask: fresh("export default {{", {}),
  },
];

test.each(FAILURES)("$of is $kind.code", async ({ kind, ask }) => {
  const { status, success, errors } = await ask();
  expect({ status, success, code: errors[0]?.code }).toEqual({
    status: kind.status,
    success: false,
    code: kind.code,
  });
  // Words that are ours are not what Cloudflare says.
  if (isCloudflare && kind.verified !== "text") return;
  const literal = kind.text.split(/\{\w+\}/);
  for (const part of literal) expect(errors[0]?.message).toContain(part);
});

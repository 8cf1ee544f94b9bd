import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Result, startSharedCloud, uniqueName } from "./support/cloud.ts";

const cloud = await startSharedCloud();

const SCRIPTS = "/accounts/:account/workers/scripts";

/** A Worker that says the bindings that it has. */
const ECHO = `export default { fetch(request, env) { return Response.json(env); } };`;

/** A deployed Worker with a secret, and how it answers. */
async function deployed(
  secrets: Record<string, string> = { KEY: "hush" },
): Promise<{ app: string; seen: () => Promise<unknown> }> {
  const app = uniqueName();
  const bindings = [
    { type: "plain_text", name: "GREETING", text: "hello" },
    ...Object.entries(secrets).map(([name, text]) => ({ type: "secret_text", name, text })),
  ];
  await cloud.upload(app, ECHO, { bindings, compatibility_date: "2026-09-01" });
  await cloud.api("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
  return {
    app,
    seen: async () => JSON.parse((await cloud.visit(`${app}.local.workers.dev`)).text),
  };
}

/** A Worker that no test changes. */
const untouched = deployed();

async function deploymentsOf(app: string): Promise<{ annotations: Record<string, string> }[]> {
  const { result } = await cloud.api<{
    deployments: { annotations: Record<string, string> }[];
  }>("GET", `${SCRIPTS}/${app}/deployments`);
  return result.deployments;
}

test("a secret that is put is a binding of the running script, and its value is never answered", async () => {
  const { app, seen } = await deployed();
  const put = await cloud.api("PUT", `${SCRIPTS}/${app}/secrets`, {
    name: "TOKEN",
    text: "very secret",
    type: "secret_text",
  });
  expect(put.result).toEqual({ name: "TOKEN", type: "secret_text" });
  expect(await seen()).toEqual({ GREETING: "hello", KEY: "hush", TOKEN: "very secret" });
  expect((await cloud.api("GET", `${SCRIPTS}/${app}/secrets`)).result).toEqual([
    { name: "KEY", type: "secret_text" },
    { name: "TOKEN", type: "secret_text" },
  ]);
  expect((await cloud.api("GET", `${SCRIPTS}/${app}/secrets/TOKEN`)).result).toEqual({
    name: "TOKEN",
    type: "secret_text",
  });
  const { result } = await cloud.api("GET", `${SCRIPTS}/${app}/settings`);
  expect(result.bindings).toContainEqual({ name: "TOKEN", type: "secret_text" });
});

test("each change of a secret is a deployment of its own version", async () => {
  const { app } = await deployed();
  await cloud.api("PUT", `${SCRIPTS}/${app}/secrets`, { name: "KEY", text: "other" });
  await cloud.api("DELETE", `${SCRIPTS}/${app}/secrets/KEY?url_encoded=true`);
  const deployments = await deploymentsOf(app);
  expect(deployments.map(({ annotations }) => annotations["workers/triggered_by"])).toEqual([
    "secret",
    "secret",
    "upload",
  ]);
});

test("a bulk change puts, replaces and deletes in one version, and leaves the rest", async () => {
  const { app, seen } = await deployed({ A: "a", B: "b", C: "c" });
  const { result } = await cloud.api("PATCH", `${SCRIPTS}/${app}/secrets-bulk`, {
    secrets: {
      A: { name: "A", text: "A2", type: "secret_text" },
      B: null,
      D: { name: "D", text: "d", type: "secret_text" },
      NEVER_WAS: null,
    },
  });
  expect(result).toEqual({
    A: { name: "A", type: "secret_text" },
    C: { name: "C", type: "secret_text" },
    D: { name: "D", type: "secret_text" },
  });
  expect(await seen()).toEqual({ GREETING: "hello", A: "A2", C: "c", D: "d" });
  expect(await deploymentsOf(app)).toHaveLength(2);
});

test("an upload drops the secrets that it does not keep", async () => {
  const { app, seen } = await deployed();
  await cloud.upload(app, ECHO, { keep_bindings: ["secret_text"] });
  expect(await seen()).toEqual({ KEY: "hush" });
  await cloud.upload(app, ECHO);
  expect(await seen()).toEqual({});
  expect((await cloud.api("GET", `${SCRIPTS}/${app}/secrets`)).result).toEqual([]);
});

test("an empty secret is a secret", async () => {
  const { app, seen } = await deployed();
  await cloud.api("PUT", `${SCRIPTS}/${app}/secrets`, { name: "KEY", text: "" });
  expect(await seen()).toEqual({ GREETING: "hello", KEY: "" });
});

test("a secret whose name needs encoding is found by it", async () => {
  const { app } = await deployed({ "a/b c": "x" });
  const path = `${SCRIPTS}/${app}/secrets/${encodeURIComponent("a/b c")}`;
  expect((await cloud.api("GET", path)).result).toEqual({ name: "a/b c", type: "secret_text" });
  expect((await cloud.api("DELETE", path)).status).toBe(200);
});

test.each([
  ["PUT", "/secrets", { name: "GREETING", text: "x" }, 10053, "Binding name 'GREETING' already"],
  ["PUT", "/secrets", { name: "A" }, 10001, "text: is required"],
  ["PUT", "/secrets", { text: "x" }, 10001, "name: is required"],
  ["PUT", "/secrets", { name: "A", type: "plain_text", text: "x" }, 10001, "type: is 'plain_text'"],
  ["PATCH", "/secrets-bulk", { secrets: { GREETING: { text: "x" } } }, 10053, "Binding name"],
  ["PATCH", "/secrets-bulk", {}, 10026, "Could not parse request body."],
  ["DELETE", "/secrets/NONE", undefined, 10056, "Binding 'NONE' not found."],
  ["GET", "/secrets/NONE", undefined, 10056, "Binding 'NONE' not found."],
  ["GET", "/secrets/GREETING", undefined, 10056, "Binding 'GREETING' not found."],
] as const)("%s %s with %j is refused", async (method, path, body, code, message) => {
  const { app, seen } = await untouched;
  const { errors, success } = await cloud.api(method, `${SCRIPTS}/${app}${path}`, body);
  expect({ success, code: errors[0]?.code }).toEqual({ success: false, code });
  expect(errors[0]?.message).toContain(message);
  expect(await seen()).toEqual({ GREETING: "hello", KEY: "hush" });
});

test("there are no secrets of a script that does not exist", async () => {
  const put = await cloud.api("PUT", `${SCRIPTS}/nobody/secrets`, { name: "A", text: "x" });
  expect({ status: put.status, code: put.errors[0]?.code }).toEqual({ status: 404, code: 10007 });
  const list = await cloud.api("GET", `${SCRIPTS}/nobody/secrets`);
  expect({ status: list.status, code: list.errors[0]?.code }).toEqual({ status: 404, code: 10007 });
});

test("a secret does not deploy a newer version that waits", async () => {
  const { app, seen } = await deployed();
  const { result } = await cloud.api<{ items: Result[] }>("GET", `${SCRIPTS}/${app}/versions`);
  await cloud.upload(app, ECHO, { keep_bindings: ["plain_text", "secret_text"] });
  const back = await cloud.api("POST", `${SCRIPTS}/${app}/deployments`, {
    strategy: "percentage",
    versions: [{ version_id: result.items[0]?.id, percentage: 100 }],
  });
  expect(back.errors).toEqual([]);
  const { errors } = await cloud.api("PUT", `${SCRIPTS}/${app}/secrets`, { name: "A", text: "x" });
  expect(errors[0]?.code).toBe(10215);
  expect(await seen()).toEqual({ GREETING: "hello", KEY: "hush" });
});

test("secrets lie in the state file alone, which nobody else may read, and not in the journal", async () => {
  const { app } = await deployed();
  const value = `value-${app}`;
  await cloud.api("PUT", `${SCRIPTS}/${app}/secrets`, { name: "PLAIN", text: value });
  await cloud.api("PATCH", `${SCRIPTS}/${app}/secrets-bulk`, {
    secrets: { OTHER: { name: "OTHER", text: value, type: "secret_text" } },
  });
  const file = join(cloud.dir, "state.json");
  expect(readFileSync(file, "utf8")).toContain(value);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(cloud.dir, "journal.ndjson"), "utf8")).not.toContain(value);
  expect(JSON.stringify(cloud.journal)).not.toContain(value);
  const state = await fetch(new URL("/__localcloud/state", cloud.apiUrl));
  expect(await state.text()).not.toContain(value);
});

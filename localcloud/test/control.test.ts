import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { type JournalEntry, startLocalCloud } from "../src/index.ts";
import { type Result, clientOf, startSharedCloud, startTestCloud } from "./support/cloud.ts";
import { readEvents } from "./support/events.ts";
import { makeFolder } from "./support/folder.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";

const SCRIPTS = "/accounts/:account/workers/scripts";
const cloud = await startSharedCloud();
const root = `${new URL(cloud.apiUrl).origin}/__localcloud`;

async function ask(
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${root}/${path}`, init);
  return { status: response.status, body: await response.json() };
}

test("the status says what runs, where, and what the account has", async () => {
  await cloud.upload("status-app", counter("Room"), {
    migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] },
    bindings: [counterBinding("Room")],
  });
  expect(await ask("status")).toEqual({
    status: 200,
    body: {
      pid: process.pid,
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      dir: cloud.dir,
      apiUrl: cloud.apiUrl,
      edgeUrl: cloud.edgeUrl,
      accountId: cloud.accountId,
      subdomain: "local",
      plan: "paid",
      zones: ["localhost", "visitors.localhost"],
      scripts: ["status-app"],
      namespaces: 1,
      requests: cloud.journal.at(-1)?.number,
    },
  });
});

test("a path that is not there is told what there is", async () => {
  expect(await ask("nothing")).toEqual({
    status: 404,
    body: {
      error:
        "There is no GET /__localcloud/nothing; there are GET status, GET sockets, GET objects, GET state, POST reset, GET journal, POST scheduled, GET faults, POST faults, DELETE faults, PUT consistency, DELETE faults/<id>, GET journal/stream.",
    },
  });
});

test("the last entries of the journal can be had alone", async () => {
  await cloud.api("GET", "/user");
  await cloud.api("GET", "/zones");
  const { body } = await ask("journal?last=1");
  expect(body).toMatchObject({ entries: [{ path: "/client/v4/zones" }] });
  expect(await ask("journal?last=0")).toEqual({ status: 200, body: { entries: [] } });
  expect(await ask("journal?last=x")).toEqual({
    status: 400,
    body: { error: "last: 'x' is not allowed; give a whole number." },
  });
});

test("the journal is streamed as it grows, from where a reader left off", async () => {
  const live = await readEvents<JournalEntry>(`${root}/journal/stream`);
  await cloud.api("GET", "/user");
  const first = (await live.next()).value;
  expect(first).toEqual(cloud.journal.at(-1));
  await cloud.api("GET", "/memberships");
  expect((await live.next()).value).toMatchObject({ path: "/client/v4/memberships" });
  const later = await readEvents<JournalEntry>(`${root}/journal/stream`, {
    "last-event-id": String(first?.number),
  });
  expect((await later.next()).value).toMatchObject({ path: "/client/v4/memberships" });
});

test("an open stream does not hold up the end", async () => {
  const local = await startTestCloud();
  const origin = new URL(local.apiUrl).origin;
  const live = await readEvents<JournalEntry>(`${origin}/__localcloud/journal/stream`);
  const ended = live.next();
  await local.close();
  expect(await ended).toEqual({ done: true, value: undefined });
});

test("an answer is in the journal, and a long body only with its beginning", async () => {
  await cloud.api("GET", "/user");
  expect(cloud.journal.at(-1)?.response).toEqual({
    success: true,
    errors: [],
    messages: [],
    result: (await cloud.api("GET", "/user")).result,
  });
  const comment = "x".repeat(9_000);
  const path = `/zones/${cloud.zoneId("localhost")}/dns_records`;
  await cloud.api("POST", path, { type: "TXT", name: "long", content: "y", comment });
  expect(cloud.journal.at(-1)?.request).toEqual({
    characters: 9_055,
    start: expect.stringMatching(/^\{"type":"TXT","name":"long","content":"y","comment":"x+$/),
  });
});

test("neither a secret nor what is nearly JSON of one is in the journal", async () => {
  const path = `${SCRIPTS}/status-app/secrets`;
  await cloud.api("PUT", path, { name: "KEY", text: "hush-hush", type: "secret_text" });
  expect(cloud.journal.at(-1)?.request).toEqual({ name: "KEY", text: "***", type: "secret_text" });
  const routes = `${cloud.apiUrl}/zones/${cloud.zoneId("localhost")}/workers/routes`;
  await fetch(routes, {
    method: "POST",
    headers: { authorization: "Bearer hush-hush" },
    body: "hush-hush",
  });
  expect(cloud.journal.at(-1)).toMatchObject({
    request: "9 bytes that could not be read as text/plain;charset=UTF-8",
    errors: [
      { message: "Could not parse the request body: Unexpected token 'h' is not valid JSON" },
    ],
  });
  expect(readFileSync(join(cloud.dir, "journal.ndjson"), "utf8")).not.toContain("hush-hush");
});

test("a reset leaves the account as it began, and the same history gives the same ids without the data", async () => {
  const local = await startTestCloud({ zones: ["localhost"], seed: { subdomain: "team" } });
  const deploy = async (): Promise<string> => {
    await local.upload("app", counter("Room"), {
      migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] },
      bindings: [counterBinding("Room")],
    });
    await local.api("POST", `${SCRIPTS}/app/subdomain`, { enabled: true });
    const namespaces = await local.api<Result[]>(
      "GET",
      "/accounts/:account/workers/durable_objects/namespaces",
    );
    return namespaces.result.map(({ id }) => id).join();
  };
  const id = await deploy();
  expect((await local.visit("app.team.workers.dev", "/page")).text).toBe("Room 1");
  local.faults.add({ path: "/zones$", status: 500 });
  await local.api("POST", `${SCRIPTS}/app/tails`, {});
  const origin = new URL(local.apiUrl).origin;
  const answer = await fetch(`${origin}/__localcloud/reset`, { method: "POST" });
  expect([answer.status, await answer.json()]).toEqual([200, {}]);

  expect((await local.api("GET", SCRIPTS)).result).toEqual([]);
  expect((await local.api<Result[]>("GET", "/zones")).result.map(({ name }) => name)).toEqual([
    "localhost",
  ]);
  expect((await local.visit("app.team.workers.dev", "/page")).status).toBe(530);
  expect(await deploy()).toBe(id);
  expect((await local.visit("app.team.workers.dev", "/page")).text).toBe("Room 1");
  expect((await local.api("GET", `${SCRIPTS}/app/tails`)).errors[0]?.code).toBe(10057);
});

test("without a folder it has one of its own, which goes with it", async () => {
  const parent = await makeFolder();
  vi.stubEnv("TMPDIR", parent);
  const local = await startLocalCloud({ port: 0, edgePort: 0 });
  vi.unstubAllEnvs();
  const origin = new URL(local.apiUrl).origin;
  await clientOf(local).upload("app", hello("x"));
  const status: unknown = await (await fetch(`${origin}/__localcloud/status`)).json();
  expect(status).toMatchObject({ dir: null, scripts: ["app"] });
  expect(readdirSync(parent)).toHaveLength(1);
  await local.close();
  expect(readdirSync(parent)).toEqual([]);
});

test("reads are answered as before a write for as long as is set, and writes see everything", async () => {
  const local = await startTestCloud({ eventualConsistencyMs: 600_000 });
  await local.upload("app", hello("x"));
  expect((await local.api("GET", `${SCRIPTS}/app/settings`)).status).toBe(404);
  const subdomain = await local.api("POST", `${SCRIPTS}/app/subdomain`, { enabled: true });
  expect(subdomain.status).toBe(200);
  expect((await local.visit("app.local.workers.dev")).text).toBe("x");
  const origin = new URL(local.apiUrl).origin;
  const set = await fetch(`${origin}/__localcloud/consistency`, {
    method: "PUT",
    body: '{"eventualConsistencyMs":0}',
  });
  expect(await set.json()).toEqual({ faults: [], eventualConsistencyMs: 0 });
  expect((await local.api("GET", `${SCRIPTS}/app/settings`)).status).toBe(200);

  local.faults.setEventualConsistencyMs(600_000);
  expect((await local.api("DELETE", `${SCRIPTS}/app`)).status).toBe(200);
  expect((await local.api("GET", `${SCRIPTS}/app/settings`)).status).toBe(200);
  const content = `${local.apiUrl}${SCRIPTS.replace(":account", local.accountId)}/app/content/v2`;
  const response = await fetch(content, { headers: { authorization: "Bearer any" } });
  expect([response.status, (await response.text()).includes(hello("x"))]).toEqual([200, true]);
});

test("a wrong value for the lag is refused, at the start and later", async () => {
  await expect(startLocalCloud({ eventualConsistencyMs: -1 })).rejects.toThrow(
    "eventualConsistencyMs: -1 is not allowed; give a whole number from 0 to 600000.",
  );
  expect(
    await ask("consistency", { method: "PUT", body: '{"eventualConsistencyMs":"1"}' }),
  ).toEqual({
    status: 400,
    body: {
      error: 'eventualConsistencyMs: "1" is not allowed; give a whole number from 0 to 600000.',
    },
  });
});

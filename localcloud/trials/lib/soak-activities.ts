import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { once } from "node:events";
import { WebSocket } from "ws";
import { isRecord } from "../../src/lib/unknown.ts";
import { ACCOUNT_ID, zoneId } from "../../src/model/ids.ts";
import { SCRIPTS } from "./client.ts";
import { workerdsOf } from "./footprint.ts";
import { BINDINGS, type SoakRun, hostOf, soakCode } from "./soak-run.ts";

/** Something that people do with an account for days, and that leaves nothing behind. `app` has just been deployed. */
export type Activity = (run: SoakRun, app: string) => Promise<void>;

const ZONE = zoneId("localhost");
const CRON = "0 0 1 1 *";

/** Two versions that share the requests, and then the newer one alone. */
async function splitVersions({ client, next, visit }: SoakRun, app: string): Promise<void> {
  const deploy = (shares: readonly (readonly [string, number])[]): Promise<unknown> =>
    client.result("POST", `${SCRIPTS}/${app}/deployments`, {
      strategy: "percentage",
      versions: shares.map(([version_id, percentage]) => ({ version_id, percentage })),
    });
  const one = await client.uploadVersion(app, soakCode(next()), BINDINGS);
  const two = await client.uploadVersion(app, soakCode(next()), BINDINGS);
  await deploy([
    [one, 60],
    [two, 40],
  ]);
  for (let time = 0; time < 4; time++) await visit(app);
  await deploy([[two, 100]]);
  await visit(app);
}

async function changeSecrets({ client, next, visit }: SoakRun, app: string): Promise<void> {
  const secret = { name: "TOKEN", text: `secret ${next()}`, type: "secret_text" };
  await client.result("PUT", `${SCRIPTS}/${app}/secrets`, secret);
  await visit(app);
  await client.result("DELETE", `${SCRIPTS}/${app}/secrets/TOKEN`);
  await visit(app);
}

/** Opens a tail and resolves when a client is connected to it. */
async function openTail(
  { client }: SoakRun,
  app: string,
): Promise<{ id: string; socket: WebSocket }> {
  const tail = await client.result("POST", `${SCRIPTS}/${app}/tails`, { filters: [] });
  const { id, url } = isRecord(tail) ? tail : {};
  const socket = new WebSocket(String(url), "trace-v1");
  await once(socket, "open");
  return { id: String(id), socket };
}

async function watchTail(run: SoakRun, app: string): Promise<void> {
  const { id, socket } = await openTail(run, app);
  const shown = once(socket, "message");
  await run.visit(app);
  await shown;
  const closed = once(socket, "close");
  // Both ways in which wrangler's users end one.
  if (run.next() % 2 === 0) socket.close();
  else socket.terminate();
  await closed;
  await run.client.result("DELETE", `${SCRIPTS}/${app}/tails/${id}`);
}

async function callSchedules({ client }: SoakRun, app: string): Promise<void> {
  await client.result("PUT", `${SCRIPTS}/${app}/schedules`, [{ cron: CRON }]);
  const result = await client.control("POST", "scheduled", { script: app, cron: CRON });
  deepStrictEqual(result, { outcome: "ok", error: null });
  await client.result("PUT", `${SCRIPTS}/${app}/schedules`, []);
}

async function injectFaults({ client, next }: SoakRun, app: string): Promise<void> {
  await client.control("POST", "faults", [
    { method: "GET", path: "/user$", status: 503, times: 2 },
    { method: "GET", path: "/zones", drop: true },
    { method: "GET", path: "/memberships", delayMs: 5 },
    { method: "GET", path: `/never-${next()}`, truncate: true },
  ]);
  for (let time = 0; time < 2; time++) ok((await client.status("GET", "/user")) === 503);
  await rejects(client.status("GET", "/zones"));
  ok((await client.status("GET", "/memberships")) === 200);
  await client.control("PUT", "consistency", { eventualConsistencyMs: 20 });
  await client.result("PATCH", `${SCRIPTS}/${app}/script-settings`, { logpush: false });
  await client.control("DELETE", "faults");
}

/** A reader of the journal's stream that goes away while it is open. */
async function readJournal({ cloud, client }: SoakRun): Promise<void> {
  const away = new AbortController();
  const url = `${new URL(cloud.apiUrl).origin}/__localcloud/journal/stream?last=20`;
  const { body } = await fetch(url, { signal: away.signal });
  const reader = body?.getReader();
  await reader?.read();
  await client.status("GET", "/user");
  ok((await reader?.read())?.value !== undefined);
  away.abort();
}

/** WebSockets: one that its client closes, one whose client vanishes, one that a deploy cuts. */
async function talk({ cloud, deploy, visit }: SoakRun, app: string): Promise<void> {
  const { port } = new URL(cloud.edgeUrl);
  const connect = async (): Promise<WebSocket> => {
    const headers = { host: hostOf(app) };
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers });
    await once(socket, "open");
    const echoed = once(socket, "message");
    socket.send("hello");
    deepStrictEqual(String((await echoed)[0]), "hello");
    return socket;
  };
  const [polite, vanishing, cut] = [await connect(), await connect(), await connect()];
  const closed = [polite, vanishing, cut].map((socket) => once(socket, "close"));
  polite.close(1000);
  vanishing.terminate();
  await Promise.all(closed.slice(0, 2));
  await deploy(app);
  await closed[2];
  await visit(app);
}

async function beRefused({ client, next, visit }: SoakRun, app: string): Promise<void> {
  const d1 = { bindings: [{ type: "d1", name: "DB", id: "1" }] };
  ok((await client.upload(app, "export default {{", BINDINGS)) === 400);
  ok((await client.upload(app, soakCode(next()), d1)) !== 200);
  ok((await client.upload(`new-${next()}`, "not JavaScript", {})) === 400);
  ok((await client.status("GET", `${SCRIPTS}/nobody-${next()}`)) === 404);
  ok((await client.status("DELETE", `/zones/${ZONE}/workers/routes/none`)) === 404);
  ok((await client.status("PUT", `${SCRIPTS}/${app}/schedules`, [{ cron: "never" }])) === 400);
  ok((await client.visit(hostOf(`nobody-${next()}`), "/")).status === 530);
  await visit(app);
}

/** A script of its own name that has an object, a tail and all that leads to it, and is deleted. */
async function comeAndGo(run: SoakRun): Promise<void> {
  const { client, deploy, visit, forget, next } = run;
  const name = `guest-${next()}`;
  await deploy(name);
  await visit(name);
  const route = { pattern: `${name}.localhost/*`, script: name };
  await client.result("POST", `/zones/${ZONE}/workers/routes`, route);
  const domain = { hostname: `at-${name}.localhost`, service: name, zone_id: ZONE };
  await client.result("PUT", `/accounts/${ACCOUNT_ID}/workers/domains`, domain);
  await client.result("PUT", `${SCRIPTS}/${name}/schedules`, [{ cron: CRON }]);
  const { socket } = await openTail(run, name);
  const closed = once(socket, "close");
  await client.result("DELETE", `${SCRIPTS}/${name}`);
  await closed;
  forget(name);
}

/** Objects of a class that a migration deletes, and a record of DNS. */
async function deleteObjects({ client, deploy, visit, forget, next }: SoakRun): Promise<void> {
  const name = "changing";
  await deploy(name);
  await visit(name);
  // A class can go only when nothing is bound to it any more.
  ok((await client.upload(name, soakCode(next()), {})) === 200);
  const migrations = { old_tag: "v1", new_tag: "v2", deleted_classes: ["Room"] };
  const code = "export default { fetch() { return new Response(''); } };";
  ok((await client.upload(name, code, { migrations })) === 200);
  await client.result("DELETE", `${SCRIPTS}/${name}`);
  forget(name);
  const record = { type: "A", name: `host-${next()}.localhost`, content: "192.0.2.1" };
  const made = await client.result("POST", `/zones/${ZONE}/dns_records`, record);
  const id = String(isRecord(made) ? made["id"] : made);
  await client.result("DELETE", `/zones/${ZONE}/dns_records/${id}`);
}

/** Every workerd dies. */
async function crash({ cloud, visit, deploy }: SoakRun, app: string): Promise<void> {
  const pids = workerdsOf(cloud.process.pid ?? Number.NaN);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  await visit(app);
  await deploy(app);
  await visit(app);
}

export const ACTIVITIES: readonly Activity[] = [
  splitVersions,
  changeSecrets,
  watchTail,
  callSchedules,
  injectFaults,
  readJournal,
  talk,
  beRefused,
  comeAndGo,
  deleteObjects,
  crash,
];

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, beforeEach, test } from "node:test";
import { promisify } from "node:util";
import { startLocalCloud, type LocalCloud } from "@visitor-tracker/localcloud";

const run = promisify(execFile);

let cloud: LocalCloud;
before(async () => {
  cloud = await startLocalCloud({ port: 0, edgePort: 0 });
});
beforeEach(() => cloud.reset());
after(() => cloud.close());

/** The real wrangler, told where the API is. */
function deploy() {
  const env = { ...process.env, ...cloud.env("wrangler") };
  return run(process.execPath, ["node_modules/wrangler/bin/wrangler.js", "deploy"], { env });
}

/** Asks the Worker, at the address that wrangler printed. */
function ask(method: string, path: string) {
  const headers = { "x-emulator-host": "seats.local.workers.dev" };
  return fetch(cloud.edgeUrl + path, { method, headers });
}

test("of two who ask at once one gets the seat, and keeps it over the next deploy", async () => {
  await deploy();
  const answers = await Promise.all([
    ask("POST", "/A1?guest=Ada"),
    ask("POST", "/A1?guest=Bob"),
    ask("POST", "/A2?guest=Cleo"),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 201, 409],
  );
  const guests = await (await ask("GET", "/")).json();
  await deploy();
  assert.deepEqual(await (await ask("GET", "/")).json(), guests);
});

test("a deploy goes through although the API is overloaded for a moment", async () => {
  cloud.faults.add({ method: "PUT", path: "/scripts/seats$", status: 503 });
  const { length } = cloud.journal;
  await deploy();
  assert.equal((await ask("POST", "/A1?guest=Ada")).status, 201);
  const uploads = cloud.journal.slice(length).filter(({ method }) => method === "PUT");
  assert.deepEqual(
    uploads.slice(0, 2).map(({ status }) => status),
    [503, 200],
  );
});

test("a deploy whose token is refused changes nothing", async () => {
  cloud.faults.add({
    path: "/workers/",
    status: 403,
    code: 10000,
    message: "Authentication error",
    times: 99,
  });
  await assert.rejects(deploy(), /Authentication error/);
  cloud.faults.clear();
  assert.equal((await ask("GET", "/")).status, 530);
});

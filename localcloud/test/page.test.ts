import { expect, test } from "vitest";
import { startSharedCloud, uniqueName } from "./support/cloud.ts";
import { counter, counterBinding } from "./support/workers.ts";

const cloud = await startSharedCloud();
const base = new URL(cloud.apiUrl).origin;

async function sockets(): Promise<unknown> {
  return (await fetch(`${base}/__localcloud/sockets`)).json();
}

const TIME = /^\d{4}-\d\d-\d\dT/;

test("the page and its parts are served, run nothing of others, and are in no journal", async () => {
  const answers = await Promise.all(
    ["/", "/page.css", "/page.js"].map((path) => fetch(base + path)),
  );
  expect(answers.map(({ status, headers }) => [status, headers.get("content-type")])).toEqual([
    [200, "text/html; charset=utf-8"],
    [200, "text/css; charset=utf-8"],
    [200, "text/javascript; charset=utf-8"],
  ]);
  expect(answers[0]?.headers.get("content-security-policy")).toMatch(/^default-src 'self'; /);
  expect(await answers[2]?.text()).toContain("/__localcloud");
  expect(cloud.journal).toEqual([]);
});

test("the page is not for other sites, and only to be read", async () => {
  const foreign = await fetch(`${base}/`, { headers: { origin: "https://example.com" } });
  expect(foreign.status).toBe(403);
  expect((await fetch(`${base}/`, { method: "POST" })).status).toBe(404);
});

test("open WebSockets are listed with their script and address until they close, secrets masked", async () => {
  const name = uniqueName();
  const code = `export default { fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    server.addEventListener("close", () => server.close());
    return new Response(null, { status: 101, webSocket: client });
  } };`;
  await cloud.upload(name, code);
  await cloud.api("POST", `/accounts/:account/workers/scripts/${name}/subdomain`, {
    enabled: true,
  });
  await cloud.api("POST", `/zones/${cloud.zoneId("localhost")}/workers/routes`, {
    pattern: "localhost/*",
    script: name,
  });
  const socket = new WebSocket(`${cloud.edgeUrl.replace("http", "ws")}/room?name=a&token=b`);
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  await expect.poll(sockets).toEqual({
    sockets: [
      {
        script: name,
        url: `${cloud.edgeUrl}/room?name=a&token=***`,
        openedAt: expect.stringMatching(TIME),
      },
    ],
  });
  socket.close();
  await expect.poll(sockets).toEqual({ sockets: [] });
});

test("a namespace's objects are listed; one that there is not is named", async () => {
  const name = uniqueName();
  await cloud.upload(name, counter("Counter"), {
    bindings: [counterBinding("Counter")],
    compatibility_date: "2026-01-01",
    migrations: { new_tag: "v1", new_sqlite_classes: ["Counter"] },
  });
  await cloud.api("POST", `/accounts/:account/workers/scripts/${name}/subdomain`, {
    enabled: true,
  });
  await cloud.visit(`${name}.local.workers.localhost`, "/here");
  const namespaces = await cloud.api<{ id: string; script: string }[]>(
    "GET",
    "/accounts/:account/workers/durable_objects/namespaces",
  );
  const id = namespaces.result.find(({ script }) => script === name)?.id;
  const listed = await fetch(`${base}/__localcloud/objects?namespace=${id}`);
  expect(await listed.json()).toEqual({
    objects: [{ id: expect.stringMatching(/^[0-9a-f]{64}$/), hasStoredData: true }],
  });
  const unknown = await fetch(`${base}/__localcloud/objects?namespace=abc`);
  expect(await unknown.json()).toEqual({
    error: "namespace: 'abc' is none of the account; see GET state.",
  });
});

import { once } from "node:events";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { SCRIPTS, trialClient } from "../trials/lib/client.ts";
import { startTestCloud } from "./support/cloud.ts";
import { hello } from "./support/workers.ts";

const HOST = "app.local.workers.dev";

const ECHO = `export default { fetch() {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.addEventListener("message", ({ data }) => server.send(data));
  return new Response(null, { status: 101, webSocket: client });
} };`;

test("of eight clients that hammer while the script is deployed four times, no request fails", async () => {
  const cloud = await startTestCloud();
  await cloud.upload("app", hello("v0"));
  await cloud.api("POST", `${SCRIPTS}/app/subdomain`, { enabled: true });
  const over = new AbortController();
  const answers: string[] = [];
  const hammer = async (): Promise<string[]> => {
    const client = trialClient(cloud, { keepAlive: true });
    const own: string[] = [];
    while (!over.signal.aborted) {
      const { status, text } = await client.visit(HOST, "/");
      own.push(status === 200 ? text : `${status} ${text}`);
    }
    client.close();
    answers.push(...own);
    return own;
  };
  const clients = Array.from({ length: 8 }, hammer);
  for (const version of ["v1", "v2", "v3", "v4"]) {
    expect((await cloud.upload("app", hello(version))).status).toBe(200);
  }
  expect((await cloud.visit(HOST)).text).toBe("v4");
  over.abort();
  const each = await Promise.all(clients);

  expect(answers.filter((answer) => !/^v[0-4]$/.test(answer))).toEqual([]);
  // Nobody goes back to an older version.
  for (const own of each) expect(own).toEqual(own.toSorted());
  expect(new Set(answers).size).toBeGreaterThan(1);
});

test("a deploy leaves the sockets of other scripts alone", async () => {
  const cloud = await startTestCloud();
  for (const name of ["app", "other"]) {
    await cloud.upload(name, ECHO);
    await cloud.api("POST", `${SCRIPTS}/${name}/subdomain`, { enabled: true });
  }
  const socket = new WebSocket(`ws://127.0.0.1:${new URL(cloud.edgeUrl).port}/`, {
    headers: { host: "other.local.workers.dev" },
  });
  await once(socket, "open");
  await cloud.upload("app", hello("v2"));
  await cloud.api("DELETE", `${SCRIPTS}/app`);
  socket.send("still here");
  const [data] = await once(socket, "message");
  expect(String(data)).toBe("still here");
  socket.terminate();
});

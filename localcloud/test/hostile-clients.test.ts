import { once } from "node:events";
import { readdirSync } from "node:fs";
import type { Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { acceptTails } from "../src/http/tail-socket.ts";
import { closeServer, createWebServer, listen } from "../src/lib/listen.ts";
import { bareUpstream, openEdge, tableOf } from "./edge-support.ts";
import { startChild } from "./support/child.ts";
import { startSharedCloud, startTestCloud } from "./support/cloud.ts";
import { makeFolder } from "./support/folder.ts";
import { handshake, rawSocket, readUntil } from "./support/raw.ts";
import { hello } from "./support/workers.ts";

const SCRIPTS = "/accounts/:account/workers/scripts";

function portOf(url: string): number {
  return Number(new URL(url).port);
}

test("a client that is reset after it was refused an upgrade harms nobody", async () => {
  const child = await startChild(await makeFolder());
  const socket = await rawSocket(portOf(child.apiUrl));
  socket.write(handshake("/nothing/here"));
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  socket.resetAndDestroy();
  const again = await rawSocket(portOf(child.apiUrl));
  again.write(handshake("/nothing/here"));
  expect(await readUntil(again, "\r\n\r\n")).toMatch(/^HTTP\/1\.1 404 /);
  child.process.kill("SIGTERM");
  expect([await child.ended, child.stderr()]).toEqual([0, ""]);
});

test("clients that neither read nor close do not hold up the end", async () => {
  const local = await startTestCloud();
  await local.upload("app", hello("x"));
  const { result } = await local.api<{ url: string }>("POST", `${SCRIPTS}/app/tails`, {});
  const { pathname } = new URL(result.url);
  const tail = await rawSocket(portOf(local.apiUrl));
  tail.write(handshake(pathname, { protocol: "trace-v1" }));
  expect(await readUntil(tail, "\r\n\r\n")).toMatch(/^HTTP\/1\.1 101 /);
  const refused = await rawSocket(portOf(local.apiUrl));
  refused.write(handshake("/nothing/here"));
  expect(await readUntil(refused, "\r\n\r\n")).toMatch(/^HTTP\/1\.1 404 /);
  await expect(local.close()).resolves.toBeUndefined();
});

test("a client that is gone before its tail is there is not waited for", async () => {
  const asked = Promise.withResolvers<void>();
  const there = Promise.withResolvers<{ disconnect: () => void }>();
  const left = Promise.withResolvers<string>();
  const server = createWebServer({}, () => undefined);
  acceptTails(server, {
    connect: () => {
      asked.resolve();
      return there.promise;
    },
  });
  const closed = new Promise((resolve) => {
    server.once("connection", (socket: Socket) => socket.once("close", resolve));
  });
  const port = await listen(server, "127.0.0.1", 0);
  onTestFinished(() => closeServer(server, { graceMs: 0 }));
  const client = await rawSocket(port);
  client.write(handshake("/__localcloud/tails/any", { protocol: "trace-v1" }));
  await asked.promise;
  client.resetAndDestroy();
  await closed;
  there.resolve({ disconnect: () => left.resolve("left") });
  expect(await left.promise).toBe("left");
});

test("an offer of HTTP/2, which Java makes of itself, is taken for an ordinary request", async () => {
  const cloud = await startSharedCloud();
  const socket = await rawSocket(portOf(cloud.apiUrl));
  const offer = "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk";
  socket.write(
    `GET /client/v4/user HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer x\r\n${offer}\r\n\r\n`,
  );
  expect(await readUntil(socket, "\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});

test("a handshake that does not wait for the answer before it is an ordinary request", async () => {
  const runtime = await bareUpstream((upstream) => {
    upstream.once("data", () => upstream.end("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\none"));
  });
  const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));
  const client = await rawSocket(edge.port);
  const first = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
  client.write(first + handshake("/", { host: "nowhere.test" }));
  const answers = await readUntil(client, "No Worker for http://nowhere.test/");
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 530"]);
});

test("a process whose output nobody reads any more serves on, and ends as it should", async () => {
  const dir = await makeFolder();
  const child = await startChild(dir);
  child.process.stdout?.destroy();
  child.process.stderr?.destroy();
  const headers = { authorization: "Bearer any" };
  // It warns of each endpoint that is not there.
  for (let count = 0; count < 2; count++) {
    expect((await fetch(`${child.apiUrl}/nothing`, { headers })).status).toBe(501);
  }
  child.process.kill("SIGHUP");
  expect(await child.ended).toBe(0);
  expect(readdirSync(dir)).not.toContain("lock");
});

test("an error that a script throws is in the journal with its beginning alone", async () => {
  const local = await startTestCloud();
  const { errors } = await local.upload("app", `throw new Error("${"x".repeat(100_000)}");`);
  expect(errors[0]?.message.length).toBeGreaterThan(100_000);
  const message = local.journal.at(-1)?.errors[0]?.message;
  expect(message).toMatch(/^Uncaught Error: x{2032}…$/);
});

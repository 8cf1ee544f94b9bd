import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Server, startServer } from "./support/server.ts";
import { MuteVisitor, Visitor, countOf, freshPage } from "./support/visitor.ts";

/** Far above the pauses that a busy machine puts between two pings. */
const STALE_AFTER_MS = 3_000;

let server: Server;
let port: number;

beforeAll(async () => {
  server = await startServer({ limits: { staleAfterMs: STALE_AFTER_MS, sweepEveryMs: 250 } });
  ({ port } = server);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Keeps a visitor alive by pings, which the object does not see. */
function keepAlive(visitor: Visitor): void {
  const timer = setInterval(() => visitor.socket.send('{"type":"ping"}'), 200);
  visitor.socket.once("close", () => clearInterval(timer));
}

test("a contract client that sends nothing is closed with 4408 in time, and the other is told", async () => {
  const page = freshPage();
  const ada = await Visitor.join({ port, page });
  keepAlive(ada);
  const startedMs = performance.now();
  const silent = await MuteVisitor.join({ port, page, query: "" });
  await ada.sees(2);
  expect(await silent.receiveClose()).toEqual([4408, "no sign of life"]);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(STALE_AFTER_MS);
  await ada.sees(1);
  expect(ada.counts).toEqual([1, 2, 1]);
  silent.socket.destroy();
  ada.socket.terminate();
});

test("a contract client's heartbeats keep it, whatever they say, for twice the limit", async () => {
  const page = freshPage();
  const ada = await Visitor.join({ port, page, query: "" });
  const startedMs = performance.now();
  let isOver = false;
  void ada.closed.then(() => (isOver = true));
  const beat = JSON.stringify({ type: "heartbeat", userId: "x", pageUrl: "/", timestamp: 1 });
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      ada.socket.send(beat);
      if (performance.now() - startedMs < 2 * STALE_AFTER_MS) return;
      clearInterval(timer);
      resolve();
    }, 750);
  });
  expect([isOver, await countOf(port, page)]).toEqual([false, 1]);
  expect(await ada.closed).toEqual([4408, "no sign of life"]);
});

test("who was closed and never answered does not come back, however often the object sleeps", async () => {
  const page = freshPage();
  const ada = await Visitor.join({ port, page });
  keepAlive(ada);
  const mute = await MuteVisitor.join({ port, page, query: "" });
  await ada.sees(2);
  await Promise.all([ada.sees(1), mute.receiveClose()]);
  const { received } = mute;
  for (let time = 0; time < 4; time++) {
    expect(await countOf(port, page)).toBe(1);
    await server.evict(page);
  }
  // A broadcast reaches everyone but the mute one.
  const bob = await Visitor.join({ port, page });
  await Promise.all([ada.sees(2), bob.sees(2)]);
  expect(mute.received).toBe(received);
  await bob.leave(1000);
  await ada.sees(1);
  await server.evict(page);
  // What it says then is not listened to, and its end takes nobody with it.
  mute.socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]));
  mute.socket.destroy();
  await once(mute.socket, "close");
  expect(await countOf(port, page)).toBe(1);
  expect(ada.counts).toEqual([1, 2, 1, 2, 1]);
  ada.socket.terminate();
});

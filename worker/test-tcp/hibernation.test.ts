import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Server, startServer } from "./support/server.ts";
import { MuteVisitor, Visitor, freshPage } from "./support/visitor.ts";
import { WATCHED_WORKER, eventsOf, restOf } from "./support/watched-worker.ts";

/**
 * workerd, like Cloudflare, lets an object hibernate after ten seconds without an event:
 * https://developers.cloudflare.com/durable-objects/concepts/durable-object-lifecycle/
 * Nothing outside tells when it has, so these tests wait out those seconds, and then some.
 */
const IDLE_MS = 13_000;
const PING_EVERY_MS = 1_000;
/** Later than the object hibernates. */
const STALE_AFTER_MS = 20_000;

let server: Server;
let port: number;

beforeAll(async () => {
  server = await startServer({
    wrapper: WATCHED_WORKER,
    limits: { staleAfterMs: STALE_AFTER_MS },
  });
  ({ port } = server);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Time passes, with pings and their answers and nothing else. */
async function rest(visitors: readonly Visitor[]): Promise<void> {
  const endMs = performance.now() + IDLE_MS;
  while (performance.now() < endMs) {
    await Promise.all(visitors.map((visitor) => visitor.ping()));
    await sleep(PING_EVERY_MS);
  }
}

/** These take as long as the idle time, so they take it together. */
describe.concurrent("an idle page", () => {
  test("is constructed again by the next event and by no ping, and counts right", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ port, page });
    const bob = await Visitor.join({ port, page });
    await Promise.all([ada.sees(2), bob.sees(2)]);
    const joined = { constructed: 1, fetches: 2, messages: 0, closes: 0, alarms: 0 };
    expect(await eventsOf(port, page)).toEqual(joined);

    await rest([ada, bob]);
    await Promise.all([ada.ping(), bob.ping()]);
    expect(await eventsOf(port, page)).toEqual(joined);

    const cyd = await Visitor.join({ port, page });
    await Promise.all([ada.sees(3), bob.sees(3), cyd.sees(3)]);
    expect(await eventsOf(port, page)).toEqual({ ...joined, constructed: 2, fetches: 3 });

    await rest([ada, bob, cyd]);
    await bob.leave(1000);
    await Promise.all([ada.sees(2), cyd.sees(2)]);
    expect(await eventsOf(port, page)).toEqual({
      ...joined,
      constructed: 3,
      fetches: 3,
      closes: 1,
    });
    expect([ada.counts, cyd.counts]).toEqual([
      [1, 2, 3, 2],
      [3, 2],
    ]);
    for (const visitor of [ada, cyd]) visitor.socket.terminate();
  }, 60_000);

  test("has no timer and no alarm pending, and nothing stored", async () => {
    const page = freshPage();
    const visitors = [await Visitor.join({ port, page }), await Visitor.join({ port, page })];
    await Promise.all(visitors.map((visitor) => visitor.sees(2)));
    await rest(visitors);
    expect((await eventsOf(port, page)).constructed).toBe(1);
    expect(await restOf(port, page)).toEqual({ timers: 0, alarm: null, stored: 0 });
    expect((await eventsOf(port, page)).constructed).toBe(2);
    for (const visitor of visitors) visitor.socket.terminate();
  }, 60_000);

  test("with a silent contract client is woken by the alarm, once and by nothing else", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ port, page });
    const mute = await MuteVisitor.join({ port, page, query: "" });
    await ada.sees(2);
    const joined = { constructed: 1, fetches: 2, messages: 0, closes: 0, alarms: 0 };
    await rest([ada]);
    expect(await eventsOf(port, page)).toEqual(joined);

    const beats = setInterval(() => void ada.ping(), PING_EVERY_MS);
    expect(await mute.receiveClose()).toEqual([4408, "no sign of life"]);
    await ada.sees(1);
    clearInterval(beats);
    expect(await eventsOf(port, page)).toEqual({ ...joined, constructed: 2, alarms: 1 });
    expect(await restOf(port, page)).toEqual({ timers: 0, alarm: null, stored: 0 });
    expect(ada.counts).toEqual([1, 2, 1]);
    mute.socket.destroy();
    ada.socket.terminate();
  }, 60_000);
});

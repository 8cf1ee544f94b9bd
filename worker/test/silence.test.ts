import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { Connection } from "../src/connection.ts";
import { age, connectionsOf, storedBy } from "./support/object.ts";
import { Visitor, counterOf, freshPage } from "./support/visitor.ts";

const NOTHING = { alarmMs: null, tables: 0, keys: 0 };
const CONTRACT = { query: "" };
const GONE = [4408, "no sign of life"];
const isContract = ({ v }: Connection): boolean => v === undefined;

/** Who joined first. */
async function oldestOf(page: string): Promise<(connection: Connection) => boolean> {
  const [first] = await connectionsOf(counterOf(page));
  return ({ u }) => u === first?.u;
}

describe("who has been silent for 45 s", () => {
  test("is closed with 4408 by the next join, and everyone is told", async () => {
    const page = freshPage();
    const silent = await Visitor.join({ page });
    const ada = await Visitor.join({ page });
    await ada.sees(2);
    await age(counterOf(page), { byMs: 45_000, only: await oldestOf(page) });
    const bob = await Visitor.join({ page });
    expect(await silent.closed).toEqual(GONE);
    await Promise.all([ada.sees(2), bob.sees(2)]);
    expect([ada.counts, bob.counts]).toEqual([[2], [2]]);
  });

  test("is noticed by a heartbeat, a leave and a read", async () => {
    const triggers: ((ada: Visitor, bob: Visitor, page: string) => unknown)[] = [
      (ada) => ada.heartbeat(),
      (_ada, bob) => bob.leave(),
      (_ada, _bob, page) => counterOf(page).count(),
    ];
    for (const trigger of triggers) {
      const page = freshPage();
      const silent = await Visitor.join({ page });
      const ada = await Visitor.join({ page });
      const bob = await Visitor.join({ page });
      await ada.sees(3);
      await age(counterOf(page), { byMs: 45_000, only: await oldestOf(page) });
      await trigger(ada, bob, page);
      expect(await silent.closed).toEqual(GONE);
    }
  });

  test("is not gone a second before", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ page });
    await ada.sees(1);
    await age(counterOf(page), { byMs: 44_000 });
    expect(await counterOf(page).count()).toBe(1);
  });

  test("is alive by a ping that the object never saw", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ page });
    const silent = await Visitor.join({ page });
    await ada.sees(2);
    await age(counterOf(page), { byMs: 60_000 });
    ada.socket.send('{"type":"ping"}');
    await ada.until(() => ada.messages.includes('{"type":"pong"}'));
    expect(await counterOf(page).count()).toBe(1);
    expect(await silent.closed).toEqual(GONE);
  });

  test("stays gone when the object sleeps twice before its peer has answered", async () => {
    const page = freshPage();
    await Visitor.join({ page });
    const ada = await Visitor.join({ page });
    await ada.sees(2);
    await age(counterOf(page), { byMs: 60_000, only: await oldestOf(page) });
    for (let time = 0; time < 3; time++) {
      expect(await counterOf(page).count()).toBe(1);
      await evictDurableObject(counterOf(page));
    }
  });

  test("is looked for at most every 10 s", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ page });
    await ada.sees(1);
    const counter = counterOf(page);
    await counter.count();
    let checks = 0;
    await runInDurableObject(counter, (_instance, state) => {
      const read = state.getWebSocketAutoResponseTimestamp.bind(state);
      state.getWebSocketAutoResponseTimestamp = (socket) => {
        checks++;
        return read(socket);
      };
    });
    await counter.count();
    await Visitor.join({ page });
    ada.heartbeat();
    await counter.count();
    expect(checks).toBe(0);
  });
});

describe("the alarm", () => {
  test("is never set for clients that say v=2", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ page });
    await ada.sees(1);
    ada.heartbeat();
    await counterOf(page).count();
    expect(await storedBy(counterOf(page))).toEqual(NOTHING);
  });

  test("is set 45 s after the first contract client joined, and not moved by others", async () => {
    const page = freshPage();
    await Visitor.join({ page, ...CONTRACT });
    const [first] = await connectionsOf(counterOf(page));
    const { alarmMs } = await storedBy(counterOf(page));
    expect(alarmMs).toBe((first?.j ?? 0) + 45_000);
    const other = await Visitor.join({ page, ...CONTRACT });
    other.heartbeat();
    await evictDurableObject(counterOf(page));
    await Visitor.join({ page, ...CONTRACT });
    expect((await storedBy(counterOf(page))).alarmMs).toBe(alarmMs);
  });

  test("is set anew by a contract client whose join finds the last one gone", async () => {
    const page = freshPage();
    const silent = await Visitor.join({ page, ...CONTRACT });
    await age(counterOf(page), { byMs: 45_000 });
    await Visitor.join({ page, ...CONTRACT });
    expect(await silent.closed).toEqual(GONE);
    const [connection] = await connectionsOf(counterOf(page));
    expect((await storedBy(counterOf(page))).alarmMs).toBe((connection?.j ?? 0) + 45_000);
  });

  test("closes a silent contract client with 4408, tells the others, and leaves nothing", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ page });
    const silent = await Visitor.join({ page, ...CONTRACT });
    await ada.sees(2);
    await age(counterOf(page), { byMs: 45_000, only: isContract });
    expect(await runDurableObjectAlarm(counterOf(page))).toBe(true);
    expect(await silent.closed).toEqual(GONE);
    await ada.sees(1);
    expect(await storedBy(counterOf(page))).toEqual(NOTHING);
  });

  test("comes back at the deadline of who is left, when a heartbeat came in time", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ page, ...CONTRACT });
    await age(counterOf(page), { byMs: 45_000 });
    ada.heartbeat();
    expect(await runDurableObjectAlarm(counterOf(page))).toBe(true);
    const [connection] = await connectionsOf(counterOf(page));
    expect(await storedBy(counterOf(page))).toMatchObject({
      alarmMs: (connection?.t ?? 0) + 45_000,
    });
    expect(ada.counts).toEqual([1]);
  });

  test("is gone with the last contract client that leaves, awake or asleep", async () => {
    for (const isAsleep of [false, true]) {
      const page = freshPage();
      const ada = await Visitor.join({ page });
      const first = await Visitor.join({ page, ...CONTRACT });
      const last = await Visitor.join({ page, ...CONTRACT });
      await ada.sees(3);
      await first.leave();
      expect((await storedBy(counterOf(page))).alarmMs).not.toBeNull();
      if (isAsleep) await evictDurableObject(counterOf(page));
      await last.leave();
      await ada.sees(1);
      expect(await storedBy(counterOf(page))).toEqual(NOTHING);
    }
  });

  test("leaves nothing when a redeployment took all connections without a word", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ page, ...CONTRACT });
    await ada.sees(1);
    await evictDurableObject(counterOf(page), { webSockets: "close" });
    expect((await storedBy(counterOf(page))).alarmMs).not.toBeNull();
    expect(await runDurableObjectAlarm(counterOf(page))).toBe(true);
    expect(await storedBy(counterOf(page))).toEqual(NOTHING);
    expect(await counterOf(page).count()).toBe(0);
  });

  test("watches an observer that does not say v=2 too", async () => {
    const page = freshPage();
    const observer = await Visitor.join({ page, query: "&observe=1" });
    await age(counterOf(page), { byMs: 45_000 });
    expect(await runDurableObjectAlarm(counterOf(page))).toBe(true);
    expect(await observer.closed).toEqual(GONE);
    expect(await storedBy(counterOf(page))).toEqual(NOTHING);
  });
});

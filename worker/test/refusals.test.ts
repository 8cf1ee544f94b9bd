import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PageCounter } from "../src/page-counter.ts";
import { outline, refusal } from "./support/ask.ts";
import { age, connectionsOf, storedBy } from "./support/object.ts";
import { Visitor, counterOf, freshPage, requestJoin } from "./support/visitor.ts";

const CAP = new Error("Exceeded allowed rows written in Durable Objects free tier.");

let logged: unknown[][];

beforeEach(() => {
  logged = [];
  vi.spyOn(console, "error").mockImplementation((...args) => logged.push(args));
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Has the platform refuse alarms to this object, as it does once the day's rows are written. */
function refuseAlarms(stub: DurableObjectStub<PageCounter>): Promise<void> {
  return runInDurableObject(stub, (_instance, { storage }) => {
    storage.setAlarm = () => Promise.reject(CAP);
  });
}

/** Has the platform refuse sockets, as it does while closed ones that have not gone fill the page. */
function refuseSockets(stub: DurableObjectStub<PageCounter>): Promise<void> {
  return runInDurableObject(stub, (_instance, state) => {
    state.acceptWebSocket = () => {
      throw new Error("too many WebSockets");
    };
  });
}

describe("while no alarm can be set", () => {
  test("a contract client is refused, and counted by no attempt", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ page });
    await ada.sees(1);
    await refuseAlarms(counterOf(page));
    for (let time = 0; time < 3; time++) {
      const response = await requestJoin({ page, query: "" });
      expect(await outline(response, "Retry-After")).toEqual([
        503,
        refusal(
          "overloaded",
          "the page cannot watch whether this client falls silent; try again in a minute",
        ),
        "60",
      ]);
    }
    expect(await counterOf(page).count()).toBe(1);
    expect(await connectionsOf(counterOf(page))).toHaveLength(1);
    await evictDurableObject(counterOf(page));
    expect(await counterOf(page).count()).toBe(1);
    expect(ada.counts).toEqual([1]);
    expect(logged).toEqual([[CAP], [CAP], [CAP]]);
  });

  test("clients that need none join, and contract clients do again afterwards", async () => {
    const page = freshPage();
    await refuseAlarms(counterOf(page));
    const ada = await Visitor.join({ page });
    await ada.sees(1);
    await evictDurableObject(counterOf(page));
    const bob = await Visitor.join({ page, query: "" });
    await Promise.all([ada.sees(2), bob.sees(2)]);
    const joinedMs = (await connectionsOf(counterOf(page))).find(({ v }) => v === undefined)?.j;
    expect((await storedBy(counterOf(page))).alarmMs).toBe((joinedMs ?? 0) + 45_000);
  });
});

test("a full page sets no alarm for a contract client that it refuses", async () => {
  const page = freshPage();
  for (let number = 0; number < 12; number++) await Visitor.join({ page });
  expect((await requestJoin({ page, query: "" })).status).toBe(503);
  expect(await storedBy(counterOf(page))).toEqual({ alarmMs: null, tables: 0, keys: 0 });
});

test.for([
  ["page_full", "for want of a socket", refuseSockets],
  ["overloaded", "for want of an alarm", refuseAlarms],
] as const)("a join refused as %s, %s, tells who it found gone", async ([code, , refuse]) => {
  const page = freshPage();
  const silent = await Visitor.join({ page });
  const ada = await Visitor.join({ page });
  await ada.sees(2);
  const [first] = await connectionsOf(counterOf(page));
  await age(counterOf(page), { byMs: 45_000, only: ({ u }) => u === first?.u });
  await refuse(counterOf(page));
  const response = await requestJoin({ page, query: "" });
  expect(await response.json()).toMatchObject({ error: { code } });
  await ada.sees(1);
  expect(await silent.closed).toEqual([4408, "no sign of life"]);
  expect(ada.counts).toEqual([2, 1]);
});

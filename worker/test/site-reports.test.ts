import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { eventually } from "./support/eventually.ts";
import { storedBy } from "./support/object.ts";
import { Visitor, counterOf } from "./support/visitor.ts";

// For all objects that this file's tests make.
Reflect.set(env, "SETTINGS", { siteCount: true, limits: { splitAtSockets: 8 } });

const NOTHING = { alarmMs: null, tables: 0, keys: 0 };
const CONTRACT = { query: "" };

/** A page of a site of its own for each test. */
let site: string;
let page: string;
beforeEach(() => {
  site = `https://${crypto.randomUUID()}.example.net`;
  page = `${site}/a`;
});

afterEach(() => {
  vi.useRealTimers();
});

/** What the directory has in its storage, past what it answers from memory. */
function listed(): Promise<unknown[]> {
  const stub = env.SITE_DIRECTORY.getByName(site);
  return runInDurableObject(stub, (_instance, { storage }) => {
    const tables = storage.sql.exec("SELECT 1 FROM sqlite_master").toArray();
    if (tables.length === 0) return [];
    const rows = storage.sql.exec("SELECT page, count FROM pages ORDER BY page").toArray();
    return rows.map((row) => [row["page"], row["count"]]);
  });
}

/** Waits until the directory has just the page, with this count; or nothing, for 0. */
async function lists(count: number): Promise<void> {
  const expected = count === 0 ? [] : [[page, count]];
  await eventually(async () => expect(await listed()).toEqual(expected));
}

async function alarmMs(): Promise<number | null> {
  return (await storedBy(counterOf(page))).alarmMs;
}

/** Waits until the page's alarm is set. */
async function alarmIsSet(): Promise<number> {
  return eventually(async () => {
    const ms = await alarmMs();
    if (ms === null) throw new Error("no alarm");
    return ms;
  });
}

/** The first visitor, of whom the directory was told just now. */
async function joinFirst(): Promise<Visitor> {
  const visitor = await Visitor.join({ page });
  await visitor.sees(1);
  await lists(1);
  return visitor;
}

test("the directory hears of the first visitor and of the last one at once", async () => {
  const ada = await joinFirst();
  expect(await storedBy(counterOf(page))).toEqual(NOTHING);
  await ada.leave();
  await lists(0);
  expect(await storedBy(counterOf(page))).toEqual(NOTHING);
});

test("what has to wait is kept by the alarm, over hibernation, and leaves nothing behind", async () => {
  const startMs = Date.now();
  await joinFirst();
  const bob = await Visitor.join({ page });
  await bob.sees(2);
  const dueMs = await alarmIsSet();
  expect(dueMs - startMs).toBeGreaterThanOrEqual(15_000);
  expect(dueMs - Date.now()).toBeLessThanOrEqual(15_000);
  await lists(1);
  await evictDurableObject(counterOf(page));
  expect(await runDurableObjectAlarm(counterOf(page))).toBe(true);
  await lists(2);
  expect(await storedBy(counterOf(page))).toEqual(NOTHING);
});

test("an alarm that was set for a report waits for it when it is awake", async () => {
  await joinFirst();
  const bob = await Visitor.join({ page });
  await bob.sees(2);
  const dueMs = await alarmIsSet();
  expect(await runDurableObjectAlarm(counterOf(page))).toBe(true);
  await lists(1);
  expect(await alarmMs()).toBe(dueMs);
  vi.useFakeTimers({ toFake: ["Date"], now: dueMs });
  expect(await runDurableObjectAlarm(counterOf(page))).toBe(true);
  await lists(2);
});

test("after hibernation the first change is told at once", async () => {
  await joinFirst();
  await evictDurableObject(counterOf(page));
  const bob = await Visitor.join({ page });
  await bob.sees(2);
  await lists(2);
  expect(await storedBy(counterOf(page))).toEqual(NOTHING);
});

test("a second tab, an observer and a heartbeat are nothing to tell", async () => {
  const report = vi.spyOn(Object.getPrototypeOf(await directory()), "report");
  const userId = crypto.randomUUID();
  const ada = await Visitor.join({ page, userId });
  await lists(1);
  await Visitor.join({ page, userId });
  const observer = await Visitor.join({ page, query: "&v=2&observe=1" });
  ada.heartbeat();
  await observer.sees(1);
  await observer.leave();
  await counterOf(page).count();
  expect(report.mock.calls).toEqual([[page, 1]]);
  expect(await storedBy(counterOf(page))).toEqual(NOTHING);
  report.mockRestore();
});

test("a contract client's alarm and a report share the one alarm, the sooner first", async () => {
  await joinFirst();
  const bob = await Visitor.join({ page, ...CONTRACT });
  await bob.sees(2);
  const joinedMs = Date.now();
  const dueMs = await eventually(async () => {
    const ms = await alarmIsSet();
    expect(ms - joinedMs).toBeLessThanOrEqual(15_000);
    return ms;
  });
  vi.useFakeTimers({ toFake: ["Date"], now: dueMs });
  expect(await runDurableObjectAlarm(counterOf(page))).toBe(true);
  await lists(2);
  const watchMs = (await alarmMs()) ?? 0;
  expect(watchMs - joinedMs).toBeGreaterThan(44_000);
  expect(watchMs - joinedMs).toBeLessThanOrEqual(45_000);
});

test.for([false, true])(
  "a contract client that comes and goes does not take a waiting report along (asleep: %s)",
  async (isAsleep) => {
    await joinFirst();
    const bob = await Visitor.join({ page });
    await bob.sees(2);
    const dueMs = await alarmIsSet();
    const evict = async (): Promise<void> => {
      if (isAsleep) await evictDurableObject(counterOf(page));
    };
    await evict();
    const observer = await Visitor.join({ page, query: "&observe=1" });
    await observer.sees(2);
    expect(await alarmMs()).toBe(dueMs);
    await evict();
    await observer.leave();
    expect(await alarmMs()).toBe(dueMs);
    await evict();
    vi.useFakeTimers({ toFake: ["Date"], now: dueMs });
    expect(await runDurableObjectAlarm(counterOf(page))).toBe(true);
    await lists(2);
    expect(await storedBy(counterOf(page))).toEqual(NOTHING);
  },
);

test("an alarm that finds all visitors taken by a redeployment says so", async () => {
  await joinFirst();
  const bob = await Visitor.join({ page });
  await bob.sees(2);
  await alarmIsSet();
  await evictDurableObject(counterOf(page), { webSockets: "close" });
  expect(await runDurableObjectAlarm(counterOf(page))).toBe(true);
  await lists(0);
  expect(await storedBy(counterOf(page))).toEqual(NOTHING);
});

test("a visitor who comes back after a redeployment puts the number right", async () => {
  await joinFirst();
  await evictDurableObject(counterOf(page), { webSockets: "close" });
  const ada = await Visitor.join({ page });
  await ada.sees(1);
  await evictDurableObject(counterOf(page));
  await ada.leave();
  await lists(0);
});

test("a directory that cannot be reached is told later", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const prototype: unknown = Object.getPrototypeOf(await directory());
  const report = vi.spyOn(Object(prototype), "report").mockImplementation(() => {
    throw new Error("unreachable");
  });
  const startMs = Date.now();
  const ada = await Visitor.join({ page });
  await ada.sees(1);
  const dueMs = await alarmIsSet();
  expect(dueMs - startMs).toBeGreaterThanOrEqual(15_000);
  report.mockRestore();
  await evictDurableObject(counterOf(page));
  expect(await runDurableObjectAlarm(counterOf(page))).toBe(true);
  await lists(1);
  expect(log).toHaveBeenCalledTimes(1);
  log.mockRestore();
});

test("a page that is spread over several objects is listed once, with its total", async () => {
  const visitors: Visitor[] = [];
  for (let count = 0; count < 12; count++) visitors.push(await Visitor.join({ page }));
  await eventually(async () => expect(await counterOf(page).count()).toBe(12));
  // The root of a page that is split keeps its layout.
  expect((await storedBy(counterOf(page))).keys).toBe(1);
  // Long enough for a report, and too short for visitors to have fallen silent.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 30_000 });
  await runDurableObjectAlarm(counterOf(page));
  await lists(12);
});

/** The object of the site's directory, to spy on its class. */
function directory(): Promise<object> {
  return runInDurableObject(env.SITE_DIRECTORY.getByName(site), (instance) => instance);
}

import {
  evictDurableObject,
  listDurableObjectIds,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { PageCounter } from "../src/page-counter.ts";
import { Follower } from "./support/follower.ts";
import { age, connectionsOf, storedBy } from "./support/object.ts";
import {
  four,
  layoutOf,
  settled,
  shardOfPage,
  spread,
  spreadOf,
  userIdsFor,
  wakeWith,
} from "./support/shards.ts";
import { Visitor, counterOf, freshPage, requestJoin } from "./support/visitor.ts";

const NOTHING = { alarmMs: null, tables: 0, keys: 0 };

afterEach(() => {
  vi.restoreAllMocks();
});

/** All numbers that were told since everybody was told `count`. */
function toldSince(followers: readonly Follower[], count: number): Set<number | undefined> {
  return new Set(followers.flatMap(({ counts }) => counts.slice(counts.indexOf(count))));
}

describe("a page that is split", () => {
  test("moves visitors to their shards, and tells nobody another number meanwhile", async () => {
    const { page, followers } = await four();
    expect(await spreadOf(page, 4)).toEqual([4, 0, 0, 0]);
    await wakeWith(page, { shards: 4, from: 1 });
    await settled(page);
    expect(await spreadOf(page, 4)).toEqual([1, 1, 1, 1]);
    expect(followers.map(({ moves }) => moves)).toEqual([0, 1, 1, 1]);
    expect(toldSince(followers, 4)).toEqual(new Set([4]));
    expect(await counterOf(page).count()).toBe(4);
  });

  test("moves them on to sixteen, back to four, and to one, and stores nothing then", async () => {
    const { page, followers } = await four();
    for (const [from, shards] of [
      [1, 4],
      [4, 16],
      [16, 4],
      [4, 1],
    ] as const) {
      await wakeWith(page, { shards, from });
      await settled(page);
      const homes = await spreadOf(page, 16);
      expect(homes.slice(shards)).toEqual(Array<number>(16 - shards).fill(0));
      expect(await counterOf(page).count()).toBe(4);
    }
    expect(toldSince(followers, 4)).toEqual(new Set([4]));
    expect(await storedBy(counterOf(page))).toEqual(NOTHING);
    const eve = await Follower.join({ page });
    await Promise.all([...followers, eve].map((follower) => follower.sees(5)));
  });

  test("tells all of a join and a leave on any shard, whoever sleeps", async () => {
    const { page, followers } = await spread();
    for (const index of [0, 1, 2, 3]) await evictDurableObject(shardOfPage(page, index));
    const eve = await Follower.join({ page });
    await Promise.all([...followers, eve].map((follower) => follower.sees(5)));
    for (const index of [0, 1, 2, 3]) await evictDurableObject(shardOfPage(page, index));
    await eve.visitor.leave();
    await Promise.all(followers.map((follower) => follower.sees(4)));
  });
});

test("a page that has emptied is whole again by its alarm, and stores nothing", async () => {
  const { page, followers } = await spread();
  const { version } = await layoutOf(page);
  expect((await storedBy(counterOf(page))).alarmMs).toBe(version + 60_000);
  await Promise.all(followers.map(({ visitor }) => visitor.leave()));
  await wakeWith(page, { shards: 4, from: null, ageMs: 60_000 });
  await runDurableObjectAlarm(counterOf(page));
  await settled(page);
  expect(await storedBy(counterOf(page))).toEqual(NOTHING);
});

describe("at any moment of a split", () => {
  test("a visitor's tabs are one visitor, wherever each of them is", async () => {
    const page = freshPage();
    const [[other = ""] = [], [userId = ""] = []] = await userIdsFor(page, 4, 1);
    const ada = await Follower.join({ page, userId: other });
    const tabs = [await Follower.join({ page, userId }), await Follower.join({ page, userId })];
    await Promise.all([ada, ...tabs].map((follower) => follower.sees(2)));
    await wakeWith(page, { shards: 4, from: 1 });
    // Comes to where it belongs, while the others are where they were.
    const late = await Follower.join({ page, userId });
    await late.sees(2);
    await settled(page);
    expect(tabs.map(({ moves }) => moves)).toEqual([1, 1]);
    expect(await spreadOf(page, 4)).toEqual([1, 3, 0, 0]);
    expect(toldSince([ada, ...tabs, late], 2)).toEqual(new Set([2]));
  });

  test("objects may be evicted, and nobody is lost or counted twice", async () => {
    const { page, followers } = await four();
    await wakeWith(page, { shards: 4, from: 1 });
    for (let time = 0; time < 3; time++) {
      for (const index of [0, 1, 2, 3]) {
        await spreadOf(page, 4);
        await evictDurableObject(shardOfPage(page, index));
      }
    }
    await settled(page);
    expect(await spreadOf(page, 4)).toEqual([1, 1, 1, 1]);
    expect(toldSince(followers, 4)).toEqual(new Set([4]));
  });

  test("a restart that takes all connections is survived", async () => {
    const { page } = await four();
    await wakeWith(page, { shards: 4, from: 1 });
    for (const index of [0, 1, 2, 3]) {
      await spreadOf(page, 4);
      await evictDurableObject(shardOfPage(page, index), { webSockets: "close" });
    }
    const followers = await Promise.all(
      (await userIdsFor(page, 4, 2)).flat().map((userId) => Follower.join({ page, userId })),
    );
    await Promise.all(followers.map((follower) => follower.sees(8)));
    await settled(page);
    expect(await spreadOf(page, 4)).toEqual([2, 2, 2, 2]);
    expect(await counterOf(page).count()).toBe(8);
  });

  test("observers are told, come to where they belong, and are not counted", async () => {
    const page = freshPage();
    const query = "&v=2&observe=1";
    const observers: Follower[] = [];
    for (const [userId = ""] of await userIdsFor(page, 4, 1)) {
      observers.push(await Follower.join({ page, userId, query }));
    }
    await wakeWith(page, { shards: 4, from: 1 });
    await settled(page);
    const ada = await Follower.join({ page });
    await Promise.all([...observers, ada].map((follower) => follower.sees(1)));
    const spreadOut = await Promise.all(
      [0, 1, 2, 3].map(async (index) => {
        const connections = await connectionsOf(shardOfPage(page, index));
        return connections.filter(({ u }) => u === undefined).map((known) => Object.keys(known));
      }),
    );
    expect(spreadOut).toEqual([0, 1, 2, 3].map(() => [["j", "t", "v", "s"]]));
  });
});

test("a root that woke in the middle of a merge, and for a sweep only, brings it to an end", async () => {
  const page = freshPage();
  await runInDurableObject(counterOf(page), (_instance, { storage }) => {
    storage.kv.put("layout", { version: Date.now(), shards: 1, from: 4 });
  });
  await evictDurableObject(counterOf(page));
  await counterOf(page).sweep(1);
  await settled(page);
  expect(await storedBy(counterOf(page))).toEqual(NOTHING);
});

describe("while the root cannot be reached", () => {
  test("a shard that must ask it refuses, and all is right afterwards", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const { page, followers } = await spread();
    await evictDurableObject(shardOfPage(page, 1));
    const report = vi.spyOn(PageCounter.prototype, "report");
    report.mockRejectedValue(new Error("out of reach"));
    const [, [userId = ""] = []] = await userIdsFor(page, 4, 1);
    const refused = await requestJoin({ page, userId, query: "" });
    expect([refused.status, await refused.json()]).toEqual([
      503,
      {
        error: {
          code: "overloaded",
          message:
            "the page is being spread over more or fewer objects; try again in a few seconds",
        },
      },
    ]);
    await followers[2]?.visitor.leave();
    report.mockRestore();
    const eve = await Follower.join({ page, userId });
    const present = [...followers.filter((_, index) => index !== 2), eve];
    await Promise.all(present.map((follower) => follower.sees(4)));
  });
});

describe("clients that have to be watched", () => {
  test("are watched by the alarm of their shard, which stores nothing when they are gone", async () => {
    const { page, followers } = await spread();
    const [, , [userId = ""] = []] = await userIdsFor(page, 4, 1);
    const silent = await Visitor.join({ page, userId, query: "" });
    await silent.sees(5);
    const shard = shardOfPage(page, 2);
    const joinedMs = (await connectionsOf(shard)).find(({ v }) => v === undefined)?.j ?? 0;
    expect((await storedBy(shard)).alarmMs).toBe(joinedMs + 45_000);
    await age(shard, { byMs: 45_000, only: ({ v }) => v === undefined });
    expect(await runDurableObjectAlarm(shard)).toBe(true);
    expect(await silent.closed).toEqual([4408, "no sign of life"]);
    await Promise.all(followers.map((follower) => follower.sees(4)));
    expect(await storedBy(shard)).toEqual(NOTHING);
  });

  test("do not take the layout along when they leave the root", async () => {
    const { page, followers } = await spread();
    const [[userId = ""] = []] = await userIdsFor(page, 4, 1);
    const guest = await Visitor.join({ page, userId, query: "" });
    await Promise.all(followers.map((follower) => follower.sees(5)));
    const layout = await layoutOf(page);
    await guest.leave();
    await Promise.all(followers.map((follower) => follower.sees(4)));
    expect(await layoutOf(page)).toEqual(layout);
    await runDurableObjectAlarm(counterOf(page));
    expect((await storedBy(counterOf(page))).alarmMs).toBe(layout.version + 60_000);
  });

  test("are found silent by a heartbeat that came to another shard", async () => {
    const { page, followers } = await spread();
    const [ada, , , silent] = followers;
    for (const index of [0, 1, 2, 3]) {
      await age(shardOfPage(page, index), { byMs: index === 3 ? 45_000 : 0 });
    }
    ada?.visitor.heartbeat();
    expect(await silent?.visitor.closed).toEqual([4408, "no sign of life"]);
    await ada?.sees(3);
  });
});

test("a page that is whole has one object, that asks nobody, stores nothing and sleeps", async () => {
  const before = new Set((await listDurableObjectIds(env.PAGE_COUNTER)).map(String));
  const page = freshPage();
  const followers: Follower[] = [];
  for (let number = 0; number < 8; number++) followers.push(await Follower.join({ page }));
  await Promise.all(followers.map((follower) => follower.sees(8)));
  followers[0]?.visitor.heartbeat();
  await followers.pop()?.visitor.leave();
  await Promise.all(followers.map((follower) => follower.sees(7)));
  const after = (await listDurableObjectIds(env.PAGE_COUNTER)).map(String);
  expect(after.filter((id) => !before.has(id))).toEqual([
    env.PAGE_COUNTER.idFromName(page).toString(),
  ]);
  expect(await storedBy(counterOf(page))).toEqual(NOTHING);
  // Waits for timers, and fails when there is one for longer.
  await evictDurableObject(counterOf(page));
});

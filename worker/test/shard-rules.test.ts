import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JoinMeter } from "../src/rules/join-meter.ts";
import { reportIntervalMs, retryIntervalMs } from "../src/rules/report-interval.ts";
import { type Load, shardCount } from "../src/rules/shard-count.ts";
import { ShardMemo } from "../src/rules/shard-memo.ts";
import { isMisplaced, shardOf } from "../src/rules/shard-of.ts";
import { parseLayout, parseShardName, shardName } from "../src/shard/layout.ts";
import { Ledger } from "../src/shard/ledger.ts";
import type { Statement } from "../src/shard/peer.ts";

const SHARDS = fc.constantFrom(1, 4, 16, 64);
const HASH = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe("the shard of a visitor", () => {
  test("is their hash modulo the number of shards", () => {
    fc.assert(
      fc.property(HASH, SHARDS, (hash, shards) => {
        expect(shardOf(hash.toString(36), shards)).toBe(Number(hash % BigInt(shards)));
      }),
    );
  });

  test("is where an observer is right too, who is known only by where they were right before", () => {
    fc.assert(
      fc.property(HASH, SHARDS, SHARDS, (hash, before, shards) => {
        const index = shardOf(hash.toString(36), before);
        const isRight = shardOf(hash.toString(36), shards) === index;
        const observer = { j: 0, t: 0, ...(before > 1 ? { s: before } : {}) };
        // After a split that is not known, so every observer is asked to come again.
        const expected = shards > before || !isRight;
        expect(isMisplaced(observer, index, shards)).toBe(expected);
        expect(isMisplaced({ ...observer, u: hash.toString(36) }, index, shards)).toBe(!isRight);
      }),
    );
  });
});

describe("the number of shards", () => {
  const limits = { splitAtSockets: 5_000, splitAtJoinsPerSecond: 500, mergeAfterMs: 60_000 };
  const idle = { connections: 0, joins: 0 };

  function loads(count: number, load: Partial<Load>): Load[] {
    return Array.from({ length: count }, () => ({ ...idle, ...load }));
  }

  test.for([
    ["5,000 connections are not too many", loads(1, { connections: 5_000 }), 1],
    ["5,001 are", loads(1, { connections: 5_001 }), 4],
    ["5,000 joins in ten seconds are not too many", loads(1, { joins: 5_000 }), 1],
    ["5,001 are", loads(1, { joins: 5_001 }), 4],
    ["one shard of four is enough", [...loads(3, {}), { ...idle, connections: 5_001 }], 16],
    ["there are no more than 64", loads(64, { connections: 20_000 }), 64],
    ["2,496 on four go together", loads(4, { connections: 624 }), 1],
    ["2,500 do not", loads(4, { connections: 625 }), 4],
    ["nor do they when joins are many", loads(4, { joins: 625 }), 4],
    [
      "nor when one of the merged shards would be full",
      [...loads(15, {}), { ...idle, connections: 2_500 }],
      16,
    ],
  ] as const)("%s", ([, given, expected]) => {
    expect(shardCount(given, { limits, ageMs: 60_000 })).toBe(expected);
  });

  test("does not shrink within a minute", () => {
    expect(shardCount(loads(4, {}), { limits, ageMs: 59_999 })).toBe(4);
  });

  test("comes to rest: what was split is not merged at once, nor what was merged split", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40_000), { minLength: 64, maxLength: 64 }), (visitors) => {
        const spread = (shards: number): Load[] => {
          const merged = loads(shards, {}).map(({ joins }) => ({ joins, connections: 0 }));
          for (const [index, connections] of visitors.entries()) {
            const load = merged[index % shards];
            if (load !== undefined) load.connections += connections;
          }
          return merged;
        };
        let shards = 1;
        const seen = [shards];
        for (let step = 0; step < 8; step++) {
          shards = shardCount(spread(shards), { limits, ageMs: 60_000 });
          seen.push(shards);
        }
        expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe("the join meter", () => {
  test("tells the joins of the last seconds, whatever the clock does", () => {
    const meter = new JoinMeter();
    for (let number = 0; number < 3; number++) meter.add(100_500);
    meter.add(104_000);
    expect([meter.within(5, 104_999), meter.within(4, 104_999)]).toEqual([4, 1]);
    expect([meter.within(10, 109_999), meter.within(10, 110_000)]).toEqual([4, 1]);
    // Set back by a minute.
    meter.add(44_000);
    expect([meter.within(10, 44_000), meter.within(10, 110_000)]).toEqual([1, 0]);
  });
});

test("a Worker remembers 10,000 pages that are split, the ones learned last", () => {
  const memo = new ShardMemo();
  for (let number = 0; number <= 10_000; number++) memo.set(`page ${number}`, 4);
  expect([memo.get("page 0"), memo.get("page 1"), memo.get("page 10000")]).toEqual([1, 4, 4]);
  memo.set("page 1", 1);
  expect([memo.get("page 1"), memo.get("never heard of")]).toEqual([1, 1]);
});

test("64 shards report 125 times a second, and nobody waits for more than 5 s to try again", () => {
  expect([1, 4, 16, 64].map((shards) => reportIntervalMs(shards))).toEqual([250, 250, 250, 512]);
  expect([1, 2, 5].map((failures) => retryIntervalMs(250, failures))).toEqual([500, 1_000, 5_000]);
});

test("an object's name tells the page and the shard, and is the page's key for the root", () => {
  fc.assert(
    fc.property(fc.webUrl(), fc.nat(63), (url, index) => {
      const [key = ""] = url.split("#");
      expect(parseShardName(shardName({ key, index }))).toEqual({ key, index });
      expect(shardName({ key, index: 0 })).toBe(key);
    }),
  );
});

test("a layout that cannot be read is that of a whole page", () => {
  const layout = { version: 7, shards: 16, from: 4 };
  expect([layout, { ...layout, from: null }].map(parseLayout)).toEqual([
    layout,
    { ...layout, from: null },
  ]);
  const whole = { version: 0, shards: 1, from: null };
  expect([undefined, null, "4", {}, { shards: 4 }].map(parseLayout)).toEqual([
    whole,
    whole,
    whole,
    whole,
    whole,
  ]);
});

test("the total is that of each shard's last word, in whatever order words come", () => {
  const word = fc.record({ index: fc.nat(3), visitors: fc.nat(100) });
  const said = fc.array(word).map((words) =>
    words.map(({ index, visitors }, seq): Statement => {
      const rest = { version: 1, connections: visitors, joins: 0, misplaced: 0 };
      return { ...rest, index, visitors, start: "a", seq };
    }),
  );
  const heard = said.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(heard, ([inOrder, shuffled]) => {
      const ledger = new Ledger();
      for (const statement of shuffled) ledger.apply(statement, 0);
      const last = new Map(inOrder.map(({ index, visitors }) => [index, visitors]));
      const total = [...last.values()].reduce((sum, visitors) => sum + visitors, 0);
      expect(ledger.total(4)).toBe(last.size === 4 ? total : null);
    }),
  );
});

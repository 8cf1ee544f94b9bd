import { describe, expect, test } from "vitest";
import { parseConnection } from "../src/connection.ts";
import { Roster } from "../src/roster.ts";
import { broadcastIntervalMs } from "../src/rules/broadcast-interval.ts";
import { type MessageDebt, spendMessage } from "../src/rules/message-rate.ts";
import { rateLimitKey } from "../src/rules/rate-limit-key.ts";
import { isStale, nextAlarmMs } from "../src/rules/stale.ts";
import { surplusTabs } from "../src/rules/tabs.ts";

describe("stale", () => {
  test.for([
    [44_999, false],
    [45_000, true],
    [60_000, true],
  ] as const)("a silence of %d ms is too long: %s", ([silenceMs, expected]) => {
    expect(isStale(1_000_000 - silenceMs, 1_000_000, 45_000)).toBe(expected);
  });

  test("the alarm is at the first deadline, not within a second, and not without need", () => {
    const timing = { nowMs: 100_000, staleAfterMs: 45_000 };
    expect(nextAlarmMs([90_000, 80_000, 99_000], timing)).toBe(125_000);
    expect(nextAlarmMs([55_001, 55_999], timing)).toBe(101_000);
    expect(nextAlarmMs([], timing)).toBeNull();
  });
});

test.for([
  [0, 250],
  [1_250, 250],
  [2_000, 400],
  [5_000, 1_000],
  [25_000, 5_000],
  [30_000, 5_000],
] as const)("a page of %d connections is told at most every %d ms", ([connections, expected]) => {
  expect(broadcastIntervalMs(connections)).toBe(expected);
});

/** Sends at these times; the answers tell which were within the allowance. */
function send(...timesMs: number[]): boolean[] {
  let state: MessageDebt | undefined;
  return timesMs.map((nowMs) => {
    const spent = spendMessage(state, nowMs);
    state = spent ?? state;
    return spent !== null;
  });
}

describe("message allowance", () => {
  const burst = Array.from({ length: 10 }, () => 50_000);

  test("ten at once are within it, the eleventh is not", () => {
    expect(send(...burst, 50_000)).toEqual([...burst.map(() => true), false]);
  });

  test("a second later there is room for one more, and for no second", () => {
    expect(send(...burst, 51_000, 51_000).slice(10)).toEqual([true, false]);
  });

  test("a clock that is set back by an hour costs nobody the connection", () => {
    expect(send(4_000_000, 400_000)).toEqual([true, true]);
  });
});

test("the tabs beyond the limit are those that joined first", () => {
  const tabs = [{ joinedMs: 3 }, { joinedMs: 1 }, { joinedMs: 2 }, { joinedMs: 4 }];
  expect(surplusTabs(tabs, 2)).toEqual([{ joinedMs: 1 }, { joinedMs: 2 }]);
  expect(surplusTabs(tabs, 4)).toEqual([]);
});

test("of tabs that joined in the same millisecond, the first of the list goes first", () => {
  const tabs = ["oldest", "older", "newest"].map((name) => ({ joinedMs: 1, name }));
  expect(surplusTabs(tabs, 1).map(({ name }) => name)).toEqual(["oldest", "older"]);
});

test.for([
  ["203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:DB8:1:2::9", "2001:db8:1:2"],
  ["2001:db8::9", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
] as const)("%s is limited as %s", ([address, expected]) => {
  expect(rateLimitKey(address)).toBe(expected);
});

test("an attachment that is not a connection's is none", () => {
  expect(parseConnection(null)).toBeNull();
  expect(parseConnection("text")).toBeNull();
  expect(parseConnection({ u: "a", t: 1 })).toBeNull();
  expect(parseConnection({ u: 1, j: 1, t: 2, v: 3, m: "x", z: 1 })).toEqual({ j: 1, t: 2 });
});

test("the roster counts visitors once, observers never, and forgets what left twice", () => {
  const roster = new Roster<string>();
  roster.set("tab 1", { u: "ada", j: 1, t: 1, v: 2 });
  roster.set("tab 2", { u: "ada", j: 2, t: 2 });
  roster.set("tab 2", { u: "ada", j: 2, t: 3 });
  roster.set("observer", { j: 3, t: 3 });
  expect([roster.visitors, roster.connections, roster.contractConnections]).toEqual([1, 3, 2]);
  roster.delete("tab 1");
  roster.delete("tab 1");
  expect([roster.visitors, roster.connections, roster.contractConnections]).toEqual([1, 2, 2]);
  roster.delete("tab 2");
  expect([roster.visitors, roster.connections, roster.contractConnections]).toEqual([0, 1, 1]);
});

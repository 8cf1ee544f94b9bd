import { MIN_BROADCAST_INTERVAL_MS } from "@visitor-tracker/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Broadcaster } from "../src/broadcaster.ts";
import { Roster } from "../src/roster.ts";

let roster: Roster<string>;
let broadcaster: Broadcaster<string>;
let sent: [name: string, count: number][];

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  roster = new Roster();
  sent = [];
  broadcaster = new Broadcaster({
    roster: () => roster,
    count: () => roster.visitors,
    send: (name, message) => sent.push([name, Number(/"count":(\d+)/.exec(message)?.[1])]),
  });
});

afterEach(() => {
  vi.useRealTimers();
});

function join(name: string, visitor: string = name): void {
  const before = roster.visitors;
  roster.set(name, { u: visitor, j: 0, t: 0, v: 2 });
  broadcaster.welcome(name, { changed: roster.visitors !== before });
}

function leave(name: string): void {
  const before = roster.visitors;
  roster.delete(name);
  if (roster.visitors !== before) broadcaster.announce();
}

function take(): [name: string, count: number][] {
  return sent.splice(0);
}

test("the first change is told to everyone at once, without a timer", () => {
  join("ada");
  expect(take()).toEqual([["ada", 1]]);
  expect(vi.getTimerCount()).toBe(0);
});

test("changes within the interval are told together when it is over", () => {
  join("ada");
  take();
  vi.advanceTimersByTime(10);
  join("bob");
  join("eve");
  expect(take()).toEqual([
    ["bob", 2],
    ["eve", 3],
  ]);
  vi.advanceTimersByTime(MIN_BROADCAST_INTERVAL_MS - 11);
  expect(take()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(take()).toEqual([
    ["ada", 3],
    ["bob", 3],
  ]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a count that returns to what was told concerns only those who heard another", () => {
  join("ada");
  vi.advanceTimersByTime(10);
  join("bob");
  join("eve");
  leave("eve");
  leave("bob");
  join("ivy");
  leave("ivy");
  join("ada's tab", "ada");
  take();
  vi.advanceTimersByTime(MIN_BROADCAST_INTERVAL_MS);
  expect(take()).toEqual([]);
});

test("who joined between a leave and its broadcast learns what it missed", () => {
  join("ada");
  join("bob");
  vi.advanceTimersByTime(2 * MIN_BROADCAST_INTERVAL_MS);
  take();
  leave("bob");
  expect(take()).toEqual([["ada", 1]]);
  join("bob again", "bob");
  join("ada's tab", "ada");
  leave("bob again");
  expect(take()).toEqual([
    ["bob again", 2],
    ["ada's tab", 2],
  ]);
  vi.advanceTimersByTime(MIN_BROADCAST_INTERVAL_MS);
  expect(take()).toEqual([["ada's tab", 1]]);
});

test("a second tab of a visitor gets a count, and nobody else is told anything", () => {
  join("ada");
  vi.advanceTimersByTime(1_000);
  take();
  join("tab", "ada");
  expect(take()).toEqual([["tab", 1]]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a joiner gets a count also when its arrival and another's end cancel out", () => {
  join("ada");
  join("bob");
  vi.advanceTimersByTime(1_000);
  take();
  roster.delete("bob");
  roster.set("eve", { u: "eve", j: 0, t: 0, v: 2 });
  broadcaster.welcome("eve", { changed: true });
  expect(take()).toEqual([["eve", 2]]);
});

test("the interval grows with the page, so two thousand joins at once cost few messages", () => {
  for (let number = 0; number < 2_000; number++) join(`visitor ${number}`);
  expect(take()).toHaveLength(2_000);
  vi.advanceTimersByTime(MIN_BROADCAST_INTERVAL_MS);
  const told = take();
  // All but the last joiner, who was told 2,000 on joining.
  expect(told).toHaveLength(1_999);
  expect(new Set(told.map(([, count]) => count))).toEqual(new Set([2_000]));
  join("one more");
  vi.advanceTimersByTime(399);
  expect(take()).toEqual([["one more", 2_001]]);
  vi.advanceTimersByTime(1.2);
  expect(take()).toHaveLength(2_000);
});

test("a clock that is set back by an hour delays nothing beyond the interval", () => {
  join("ada");
  take();
  vi.setSystemTime(Date.now() - 3_600_000);
  join("bob");
  vi.advanceTimersByTime(MIN_BROADCAST_INTERVAL_MS);
  expect(take()).toContainEqual(["ada", 2]);
});

import { expect, test } from "vitest";
import { waitMs } from "../pace.ts";

const joins = (count: number, everyMs: number): number[] =>
  Array.from({ length: count }, (_, index) => 1_000 + index * everyMs);

test("nobody waits while nine tenths of a minute's connections are left", () => {
  expect(waitMs([], 60, 5_000)).toBe(0);
  expect(waitMs(joins(53, 50), 60, 5_000)).toBe(0);
});

test("the next waits until the first of them is a minute ago", () => {
  expect(waitMs(joins(54, 50), 60, 5_000)).toBe(56_000);
  expect(waitMs(joins(54, 50), 60, 61_000)).toBe(0);
});

test("no minute sees more, whatever came before it", () => {
  const joined: number[] = [];
  for (let nowMs = 0; joined.length < 300; nowMs += waitMs(joined, 60, nowMs) || 50)
    if (waitMs(joined, 60, nowMs) === 0) joined.push(nowMs);
  const busiest = joined.map((from) => joined.filter((at) => at >= from && at < from + 60_000));
  expect(Math.max(...busiest.map(({ length }) => length))).toBe(54);
});

test("a limit of one lets one in", () => {
  expect(waitMs([], 1, 5_000)).toBe(0);
  expect(waitMs([1_000], 1, 5_000)).toBe(56_000);
  expect(waitMs([1_000, 61_000], 1, 65_000)).toBe(56_000);
});

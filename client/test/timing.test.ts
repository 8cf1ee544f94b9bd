// @vitest-environment node
import { describe, expect, test } from "vitest";
import { isSweepDue, reconnectDelayMs } from "../src/timing.ts";

const ALMOST_ONE = 1 - 2 ** -53;

describe("reconnectDelayMs", () => {
  test.for([
    { attempts: 0, count: 0, windowMs: 1_000 },
    { attempts: 1, count: 0, windowMs: 2_000 },
    { attempts: 5, count: 0, windowMs: 32_000 },
    { attempts: 6, count: 0, windowMs: 60_000 },
    { attempts: 2_000, count: 0, windowMs: 60_000 },
    { attempts: 0, count: 500, windowMs: 1_000 },
    { attempts: 0, count: 501, windowMs: 1_002 },
    { attempts: 0, count: 10_000, windowMs: 20_000 },
    { attempts: 1, count: 10_000, windowMs: 40_000 },
    { attempts: 2, count: 10_000, windowMs: 60_000 },
  ])(
    "attempt $attempts of a crowd of $count is spread over $windowMs ms",
    ({ attempts, count, windowMs }) => {
      expect(reconnectDelayMs(attempts, count, 60_000, 0)).toBe(0);
      expect(reconnectDelayMs(attempts, count, 60_000, 0.5)).toBe(windowMs / 2);
      expect(reconnectDelayMs(attempts, count, 60_000, ALMOST_ONE)).toBeCloseTo(windowMs, 6);
    },
  );

  test("a thousand visitors cut off at once come back at less than 600 a second", () => {
    const perSecond = new Map<number, number>();
    // Evenly spaced draws stand for the visitors' independent ones.
    for (let visitor = 0; visitor < 1_000; visitor++) {
      const second = Math.floor(reconnectDelayMs(0, 1_000, 60_000, visitor / 1_000) / 1_000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect([...perSecond.values()]).toEqual([500, 500]);
  });
});

describe("isSweepDue", () => {
  test.for([
    { count: 0, random: 0, isDue: false },
    { count: 1, random: 0, isDue: false },
    { count: 2, random: ALMOST_ONE, isDue: true },
    { count: 8, random: 0.2499, isDue: true },
    { count: 8, random: 0.25, isDue: false },
    { count: 1_000, random: 0.0019, isDue: true },
    { count: 1_000, random: 0.002, isDue: false },
  ])("among $count visitors a draw of $random makes it $isDue", ({ count, random, isDue }) => {
    expect(isSweepDue(count, 20_000, 20_000, random)).toBe(isDue);
  });

  test("never while a count came within the last interval", () => {
    expect(isSweepDue(2, 19_999, 20_000, 0)).toBe(false);
  });

  test("never before the first count", () => {
    expect(isSweepDue(2, Number.NaN, 20_000, 0)).toBe(false);
  });
});

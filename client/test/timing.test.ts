// @vitest-environment node
import { CLOSE_MOVED, CLOSE_PAGE_FULL, CLOSE_STALE } from "@visitor-tracker/protocol";
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
    { attempts: 0, count: 500, windowMs: 2_000 },
    { attempts: 0, count: 10_000, windowMs: 21_000 },
    { attempts: 1, count: 10_000, windowMs: 42_000 },
    { attempts: 2, count: 10_000, windowMs: 60_000 },
    { attempts: 0, count: 10_000, code: 1006, windowMs: 21_000 },
    { attempts: 0, count: 10_000, code: CLOSE_STALE, windowMs: 21_000 },
    { attempts: 0, count: 10_000, code: CLOSE_MOVED, windowMs: 1_000 },
    { attempts: 1, count: 10_000, code: CLOSE_MOVED, windowMs: 2_000 },
    { attempts: 9, count: 10_000, code: CLOSE_MOVED, windowMs: 60_000 },
    { attempts: 0, count: 0, code: CLOSE_PAGE_FULL, windowMs: 20_000 },
    { attempts: 0, count: 30_000, code: CLOSE_PAGE_FULL, windowMs: 20_000 },
    { attempts: 1, count: 0, code: CLOSE_PAGE_FULL, windowMs: 40_000 },
    { attempts: 2, count: 0, code: CLOSE_PAGE_FULL, windowMs: 60_000 },
  ])(
    "attempt $attempts of a crowd of $count after close $code is spread over $windowMs ms",
    ({ attempts, count, code, windowMs }) => {
      expect(reconnectDelayMs(attempts, count, 60_000, 0, code)).toBe(0);
      expect(reconnectDelayMs(attempts, count, 60_000, 0.5, code)).toBe(windowMs / 2);
      expect(reconnectDelayMs(attempts, count, 60_000, ALMOST_ONE, code)).toBeCloseTo(windowMs, 6);
    },
  );
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

// @vitest-environment node
import { CLOSE_MOVED, CLOSE_PAGE_FULL, CLOSE_STALE } from "@visitor-tracker/protocol";
import { describe, expect, test } from "vitest";
import { reconnectWindowMs } from "../src/timing.ts";

describe("reconnectWindowMs", () => {
  test.for([
    { attempts: 0, count: 0, windowMs: 1_000 },
    { attempts: 1, count: 0, windowMs: 2_000 },
    { attempts: 5, count: 0, windowMs: 32_000 },
    { attempts: 6, count: 0, windowMs: 64_000 },
    { attempts: 2_000, count: 0, windowMs: Number.POSITIVE_INFINITY },
    { attempts: 0, count: 500, windowMs: 2_000 },
    { attempts: 0, count: 10_000, windowMs: 21_000 },
    { attempts: 1, count: 10_000, windowMs: 42_000 },
    { attempts: 2, count: 10_000, windowMs: 84_000 },
    { attempts: 0, count: 10_000, code: 1006, windowMs: 21_000 },
    { attempts: 0, count: 10_000, code: CLOSE_STALE, windowMs: 21_000 },
    { attempts: 0, count: 10_000, code: CLOSE_MOVED, windowMs: 1_000 },
    { attempts: 1, count: 10_000, code: CLOSE_MOVED, windowMs: 2_000 },
    { attempts: 9, count: 10_000, code: CLOSE_MOVED, windowMs: 512_000 },
    { attempts: 0, count: 0, code: CLOSE_PAGE_FULL, windowMs: 20_000 },
    { attempts: 0, count: 30_000, code: CLOSE_PAGE_FULL, windowMs: 20_000 },
    { attempts: 1, count: 0, code: CLOSE_PAGE_FULL, windowMs: 40_000 },
    { attempts: 2, count: 0, code: CLOSE_PAGE_FULL, windowMs: 80_000 },
  ])(
    "of attempt $attempts of a crowd of $count after close $code is $windowMs",
    ({ attempts, count, code, windowMs }) => {
      expect(reconnectWindowMs(attempts, count, code)).toBe(windowMs);
    },
  );
});

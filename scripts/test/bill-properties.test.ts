import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { monthlyBill } from "../lib/bill/cost.ts";
import { DESIGNS } from "../lib/bill/designs.ts";
import { capUses, freePlanEnd } from "../lib/bill/free-plan.ts";
import { totalOf, usageOfOurs } from "../lib/bill/ours.ts";
import { PLAN_DOLLARS_A_MONTH } from "../lib/bill/prices.ts";
import { shardsOf } from "../lib/bill/shards.ts";
import { type Traffic, pageTraffic } from "../lib/bill/traffic.ts";
import { billedUnits } from "../lib/bill/usage.ts";

const TRAFFIC: fc.Arbitrary<Traffic> = fc.record({
  visitors: fc.double({ min: 0, max: 1e6, noNaN: true }),
  pages: fc.integer({ min: 1, max: 1e6 }),
  minutes: fc.double({ min: 0.1, max: 600, noNaN: true }),
  hoursADay: fc.double({ min: 0.5, max: 24, noNaN: true }),
  daysAMonth: fc.integer({ min: 1, max: 31 }),
  returnsPerVisit: fc.double({ min: 0, max: 10, noNaN: true }),
  contractShare: fc.double({ min: 0, max: 1, noNaN: true }),
  readsPerSecond: fc.double({ min: 0, max: 1e4, noNaN: true }),
  hasSiteCount: fc.boolean(),
});

function unitsOf(traffic: Traffic): ReturnType<typeof billedUnits> {
  return billedUnits(totalOf(usageOfOurs(traffic)));
}

describe("any traffic", () => {
  test("uses finite amounts, none of them negative", () => {
    fc.assert(
      fc.property(TRAFFIC, (traffic) => {
        for (const usage of [
          ...Object.values(usageOfOurs(traffic)),
          ...DESIGNS.map((design) => design.usage(traffic)),
        ]) {
          for (const value of Object.values(usage)) {
            expect(Number.isFinite(value)).toBe(true);
            expect(value).toBeGreaterThanOrEqual(0);
          }
        }
      }),
    );
  });

  test("without visitors and reads costs the plan and nothing else", () => {
    fc.assert(
      fc.property(TRAFFIC, (traffic) => {
        const nobody = { ...traffic, visitors: 0, readsPerSecond: 0 };
        const usages = [
          totalOf(usageOfOurs(nobody)),
          ...DESIGNS.map((design) => design.usage(nobody)),
        ];
        for (const usage of usages) {
          expect(Object.values(usage).every((value) => value === 0)).toBe(true);
          expect(monthlyBill(usage, 30).dollars).toBe(PLAN_DOLLARS_A_MONTH);
        }
      }),
    );
  });

  test("with more visitors makes more requests", () => {
    fc.assert(
      fc.property(TRAFFIC, fc.double({ min: 1, max: 3, noNaN: true }), (traffic, factor) => {
        const some = unitsOf(traffic);
        const more = unitsOf({ ...traffic, visitors: traffic.visitors * factor });
        expect(more.workerRequests).toBeGreaterThanOrEqual(some.workerRequests * (1 - 1e-9));
        expect(more.objectRequests).toBeGreaterThanOrEqual(some.objectRequests * (1 - 1e-9));
      }),
    );
  });

  test("with more visitors costs no less while its pages are spread as before", () => {
    fc.assert(
      fc.property(TRAFFIC, fc.double({ min: 1, max: 3, noNaN: true }), (traffic, factor) => {
        const larger = { ...traffic, visitors: traffic.visitors * factor };
        fc.pre(shardsOf(pageTraffic(larger)) === shardsOf(pageTraffic(traffic)));
        const some = monthlyBill(totalOf(usageOfOurs(traffic)), traffic.daysAMonth);
        const more = monthlyBill(totalOf(usageOfOurs(larger)), traffic.daysAMonth);
        expect(more.dollars).toBeGreaterThanOrEqual(some.dollars * (1 - 1e-9));
      }),
    );
  });

  test("keeps no object active for longer than there are visitors", () => {
    fc.assert(
      fc.property(TRAFFIC, (traffic) => {
        const { counts } = usageOfOurs(traffic);
        const objects = traffic.pages * shardsOf(pageTraffic(traffic));
        const always = objects * traffic.hoursADay * 3_600 * 0.128;
        expect(counts.durationGbS).toBeLessThanOrEqual(always);
      }),
    );
  });

  test("is billed at most a million units a line more when lines are rounded up", () => {
    fc.assert(
      fc.property(TRAFFIC, (traffic) => {
        const usage = totalOf(usageOfOurs(traffic));
        const { dollars, roundedDollars } = monthlyBill(usage, traffic.daysAMonth);
        expect(roundedDollars).toBeGreaterThanOrEqual(dollars);
        expect(roundedDollars - dollars).toBeLessThanOrEqual(0.3 + 0.02 + 0.15 + 12.5 + 1);
      }),
    );
  });
});

describe("the end of the free plan", () => {
  test("is the last visitor whose day fits in every cap", () => {
    const readings = fc.record({
      messagesPerRequest: fc.constantFrom(1, 20),
      arePingsBilled: fc.boolean(),
    });
    fc.assert(
      fc.property(TRAFFIC, readings, (traffic, options) => {
        const { visitors, meter } = freePlanEnd(traffic, options);
        const shareOf = (count: number): number =>
          capUses({ ...traffic, visitors: count }, options)[0]?.share ?? 0;
        // Reads alone may be too many.
        expect(visitors === 0 || shareOf(visitors) <= 1).toBe(true);
        expect(shareOf(visitors + 1)).toBeGreaterThan(1);
        const [fullest] = capUses({ ...traffic, visitors: visitors + 1 }, options);
        expect(meter).toBe(fullest?.meter);
      }),
      { numRuns: 30 },
    );
  });

  test("comes at 100,000 joins a day where nothing else is used", () => {
    // One page, 1 min a visit: 1,440 visits a day and visitor, no quiet 20 s with more than a few.
    const traffic: Traffic = {
      visitors: 0,
      pages: 1,
      minutes: 1,
      hoursADay: 24,
      daysAMonth: 30,
      returnsPerVisit: 0,
      contractShare: 0,
      readsPerSecond: 0,
      hasSiteCount: false,
    };
    expect(freePlanEnd(traffic)).toEqual({ visitors: 69, meter: "workerRequests" });
  });

  test("is sooner when the cap counts messages in full, and when pings count", () => {
    fc.assert(
      fc.property(TRAFFIC, (traffic) => {
        const end = freePlanEnd(traffic).visitors;
        expect(freePlanEnd(traffic, { messagesPerRequest: 1 }).visitors).toBeLessThanOrEqual(end);
        expect(freePlanEnd(traffic, { arePingsBilled: true }).visitors).toBeLessThanOrEqual(end);
      }),
      { numRuns: 30 },
    );
  });
});

import { describe, expect, test } from "vitest";
import { monthlyBill } from "../lib/bill/cost.ts";
import { DESIGNS, type Design } from "../lib/bill/designs.ts";
import { totalOf, usageOfOurs } from "../lib/bill/ours.ts";
import { alarmsPerSecond, broadcastWindowS, broadcasts, throttled } from "../lib/bill/rates.ts";
import { callsPerSecond, shardsOf } from "../lib/bill/shards.ts";
import {
  type PageTraffic,
  TRAFFIC_DEFAULTS,
  type Traffic,
  visitorsOfDailyVisits,
} from "../lib/bill/traffic.ts";
import { NOTHING } from "../lib/bill/usage.ts";

/** 1,000 visitors round the clock on 100 pages, 5 minutes each: ten a page, one join in 30 s there. */
const BUSY: Traffic = { ...TRAFFIC_DEFAULTS, visitors: 1_000, pages: 100, minutes: 5 };

function dollarsOf(key: Design["key"], traffic: Traffic): number | undefined {
  const design = DESIGNS.find((other) => other.key === key);
  return design && monthlyBill(design.usage(traffic), traffic.daysAMonth).dollars;
}

describe("what a day uses", () => {
  test("each visit is one request to the Worker and one to the object", () => {
    // 1,000 visitors change every 300 s: 86,400 / 300 x 1,000.
    const { visits } = usageOfOurs(BUSY);
    expect(visits.workerRequests).toBeCloseTo(288_000, 6);
    expect(visits.objectRequests).toBeCloseTo(288_000, 6);
    expect(visits.objectMessages).toBe(0);
    expect(visits.rowsWritten).toBe(0);
    // A join and a leave, 5 ms each, of an object that is billed for 0.128 GB.
    expect(visits.durationGbS).toBeCloseTo(288_000 * 2 * 0.005 * 0.128, 6);
  });

  test("a return to a hidden tab costs as much as a visit", () => {
    const { visits, returns } = usageOfOurs({ ...BUSY, returnsPerVisit: 2 });
    expect(visits.objectRequests).toBeCloseTo(288_000, 6);
    expect(returns.objectRequests).toBeCloseTo(576_000, 6);
  });

  test("a page is looked over six times a minute while no count comes within 20 seconds", () => {
    // Two of its visitors beat for that in 20 s; the chance of no join or leave in 20 s is exp(-4/3).
    const { sweeps } = usageOfOurs(BUSY);
    const chanceOfTwo = 1 - 11 * Math.exp(-10);
    const expected = 100 * 86_400 * 0.1 * chanceOfTwo * Math.exp(-4 / 3);
    expect(sweeps.objectMessages).toBeCloseTo(expected, 6);
    expect(sweeps.objectRequests).toBe(0);
  });

  test("clients of the contract beat 180 times an hour and keep one alarm on their page", () => {
    const traffic = { ...BUSY, pages: 1, minutes: 60, contractShare: 1 };
    const { contractClients, sweeps } = usageOfOurs(traffic);
    expect(contractClients.objectMessages).toBeCloseTo(1_000 * 180 * 24, 6);
    // With many, the oldest beat is 20 s ago, so the next look is due in 25 s: 3,456 a day.
    expect(contractClients.objectRequests).toBeGreaterThan(3_450);
    expect(contractClients.objectRequests).toBeLessThan(3_456);
    expect(contractClients.rowsWritten).toBeCloseTo(contractClients.objectRequests, 6);
    expect(sweeps.objectMessages).toBe(0);
  });

  test("a contract client that comes alone and leaves writes two rows", () => {
    // So rarely that two never meet: 0.001 visitors at once, 60 s each.
    const traffic = { ...BUSY, visitors: 0.001, pages: 1, minutes: 1, contractShare: 1 };
    const { contractClients, visits } = usageOfOurs(traffic);
    const alarms = contractClients.objectRequests;
    const rowsAVisit = (contractClients.rowsWritten - alarms) / visits.objectRequests;
    expect(rowsAVisit).toBeCloseTo(2, 2);
  });

  test("the rows of first and last contract clients are fewer where there often is one", () => {
    // Ten visitors a page, one of them with such a client: none is there exp(-1) of the time.
    const { contractClients } = usageOfOurs({ ...BUSY, contractShare: 0.1 });
    const rows = contractClients.rowsWritten - contractClients.objectRequests;
    expect(rows).toBeCloseTo(2 * 28_800 * Math.exp(-1), 6);
  });

  test("a read is one request to the Worker, and one call in five seconds for each location", () => {
    const { reads } = usageOfOurs({ ...BUSY, pages: 1, readsPerSecond: 1_000 });
    expect(reads.workerRequests).toBe(86_400_000);
    // Ten locations with 100 reads a second each: a call, then 5 s of cache, then 0.01 s until the next.
    expect(reads.objectRequests).toBeCloseTo((10 * 86_400) / 5.01, 6);
  });

  test("hours without visitors use nothing", () => {
    const { objectRequests } = totalOf(usageOfOurs({ ...BUSY, hoursADay: 6 }));
    expect(objectRequests).toBeCloseTo(totalOf(usageOfOurs(BUSY)).objectRequests / 4, 6);
  });

  test("the site total costs nothing unless it is switched on", () => {
    expect(usageOfOurs(BUSY).siteCount).toEqual(NOTHING);
  });

  test("a page that slept reports each join and each leave to the directory: a request and a row", () => {
    // 0.001 visitors at once, a minute each: 1.44 visits a day, between which the page sleeps.
    const rare = { ...BUSY, visitors: 0.001, pages: 1, minutes: 1, hasSiteCount: true };
    const { siteCount, visits } = usageOfOurs(rare);
    expect(visits.objectRequests).toBeCloseTo(1.44, 6);
    expect(siteCount.objectRequests).toBeCloseTo(2 * 1.44, 5);
    expect(siteCount.rowsWritten).toBeCloseTo(2 * 1.44, 5);
  });

  test("a page that is always awake reports about once a minute, with an alarm", () => {
    const awake = { ...BUSY, visitors: 1_000, pages: 1, minutes: 1, hasSiteCount: true };
    const { siteCount } = usageOfOurs(awake);
    expect(siteCount.objectRequests / 2).toBeGreaterThan(86_400 / 61);
    expect(siteCount.objectRequests / 2).toBeLessThan(86_400 / 60 + 86_400 / 15);
  });

  test("so many visits a day are so many visitors at once", () => {
    // 288,000 visits of 5 min in 1,440 min.
    expect(visitorsOfDailyVisits(288_000, { minutes: 5, hoursADay: 24 })).toBe(1_000);
    expect(visitorsOfDailyVisits(288_000, { minutes: 5, hoursADay: 8 })).toBe(3_000);
  });
});

describe("rates", () => {
  test("one contract client is looked after every 35 seconds, many every 25", () => {
    expect(1 / (alarmsPerSecond(1e-9) / 1e-9)).toBeCloseTo(35, 6);
    expect(1 / alarmsPerSecond(1e9)).toBeCloseTo(25, 6);
    expect(alarmsPerSecond(0)).toBe(0);
  });

  test("broadcasts are spaced as the Worker spaces them", () => {
    expect([1, 500, 1_000, 5_000, 30_000].map(broadcastWindowS)).toEqual([0.25, 0.25, 0.25, 1, 5]);
  });

  test("broadcasts of random changes are what playing them through gives", () => {
    const changesPerSecond = 7;
    const windowS = 0.2;
    const played = playBroadcasts({ changesPerSecond, windowS, changes: 400_000 });
    const { perSecond, waitingShare } = broadcasts(changesPerSecond, windowS);
    expect(Math.abs(played.perSecond / perSecond - 1)).toBeLessThan(0.01);
    expect(Math.abs(played.waitingShare / waitingShare - 1)).toBeLessThan(0.01);
  });

  test("no changes are no broadcasts", () => {
    expect(broadcasts(0, 5)).toEqual({ perSecond: 0, waitingShare: 0 });
  });

  test("a throttle lets through what is rare and caps what is frequent", () => {
    expect(throttled(0.001, 0.25)).toBeCloseTo(0.001, 6);
    expect(throttled(1e6, 0.25)).toBeCloseTo(4, 4);
  });
});

/** Lets changes come at random and does what the Worker's Broadcaster does. */
function playBroadcasts({
  changesPerSecond,
  windowS,
  changes,
}: {
  readonly changesPerSecond: number;
  readonly windowS: number;
  readonly changes: number;
}): { readonly perSecond: number; readonly waitingShare: number } {
  // xorshift32: the same numbers in each run.
  let state = 2_463_534_242;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  let now = 0;
  let sentAt = Number.NEGATIVE_INFINITY;
  let sent = 0;
  let waited = 0;
  for (let change = 0; change < changes; change++) {
    now -= Math.log(1 - random()) / changesPerSecond;
    // Told with the broadcast that a timer is waiting for.
    if (now < sentAt) continue;
    const dueAt = Math.max(now, sentAt + windowS);
    waited += dueAt - now;
    sentAt = dueAt;
    sent++;
  }
  return { perSecond: sent / now, waitingShare: waited / now };
}

/** Ten minutes a visit. */
function page(visitors: number): PageTraffic {
  return { visitors, joinsPerSecond: visitors / 600, contractShare: 0 };
}

describe("a hot page", () => {
  test("is spread over 4, 16 and 64 objects as it grows", () => {
    // 4,790 and three deviations of 69 are just below 5,000.
    const crowds = [4_790, 4_800, 19_160, 19_200, 76_700, 1e6];
    expect(crowds.map((visitors) => shardsOf(page(visitors)))).toEqual([1, 4, 4, 16, 64, 64]);
    expect(shardsOf({ visitors: 100, joinsPerSecond: 501, contractShare: 0 })).toBe(4);
  });

  test("makes no calls while it is whole", () => {
    expect(callsPerSecond(page(5_000), 1)).toBe(0);
  });

  test("makes at most eight calls a second for each shard but the root, and fewer when they are 64", () => {
    const frantic = { visitors: 20_000, joinsPerSecond: 1e6, contractShare: 0 };
    expect(callsPerSecond(frantic, 4)).toBeCloseTo(3 * 8, 3);
    // A report and a word in 64 / 125 s.
    expect(callsPerSecond(frantic, 64)).toBeCloseTo((63 * 2 * 125) / 64, 1);
  });
});

describe("the bill", () => {
  test("of 1,000 visitors on 100 pages is the plan and the requests of the objects", () => {
    const usage = totalOf(usageOfOurs(BUSY));
    const { lines, dollars } = monthlyBill(usage, 30);
    const requests = 30 * (288_000 + usage.objectMessages / 20);
    const byMeter = new Map(lines.map((line) => [line.meter, line]));
    // 8.64 M and 17.28 M ms are within what the plan includes.
    expect(byMeter.get("workerRequests")?.dollars).toBe(0);
    expect(byMeter.get("workerCpuMs")?.dollars).toBe(0);
    expect(byMeter.get("objectRequests")?.used).toBeCloseTo(requests, 3);
    expect(byMeter.get("objectRequests")?.dollars).toBeCloseTo((requests - 1e6) * 0.15e-6, 9);
    expect(byMeter.get("durationGbS")?.dollars).toBe(0);
    expect(byMeter.get("rowsWritten")?.dollars).toBe(0);
    expect(dollars).toBeCloseTo(6.2, 2);
  });

  test("charges each line beyond what is included", () => {
    const usage = {
      workerRequests: 15e6,
      workerCpuMs: 105e6,
      objectRequests: 1.5e6,
      objectMessages: 72e6,
      durationGbS: 11_059_200,
      rowsWritten: 51e6,
    };
    const { lines, dollars, roundedDollars } = monthlyBill(usage, 1);
    // The first two and the duration are examples of Cloudflare's pages; 4.1 M object requests.
    expect(lines.map((line) => Number(line.dollars.toFixed(4)))).toEqual([
      1.5, 1.5, 0.615, 133.24, 1,
    ]);
    expect(dollars).toBeCloseTo(5 + 1.5 + 1.5 + 0.615 + 133.24 + 1, 9);
    expect(roundedDollars).toBeCloseTo(5 + 1.5 + 1.5 + 0.75 + 137.5 + 1, 9);
  });

  test("of the other designs is what arithmetic says", () => {
    // 8.64 M joins, 129.6 M heartbeats at 20 to 1, an alarm in 45 s on each of 100 pages.
    const naive = 8_640_000 + 129_600_000 / 20 + (100 * 2_592_000) / 45;
    expect(dollarsOf("naive", BUSY)).toBeCloseTo(5 + (naive - 1e6) * 0.15e-6, 3);
    // 100 objects active all the time, and the same requests without the alarms.
    const duration = (100 * 2_592_000 * 0.128 - 400_000) * 12.5e-6;
    const requests = (8_640_000 + 6_480_000 - 1e6) * 0.15e-6;
    expect(dollarsOf("accept", BUSY)).toBeCloseTo(5 + duration + requests, 1);
    // 129.6 M requests to the Worker, and to the objects.
    const polls = 119.6 * 0.3 + 128.6 * 0.15 + (129.6 * 2 - 30) * 0.02;
    expect(dollarsOf("polling", BUSY)).toBeCloseTo(5 + polls, 6);
  });
});

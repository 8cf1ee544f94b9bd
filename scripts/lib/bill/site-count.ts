import { CALL_WALL_S } from "./assumptions.ts";
import { BILLED_GB } from "./prices.ts";
import { sweepsPerSecond, throttled } from "./rates.ts";
import { type PageTraffic, type Traffic, pageTraffic } from "./traffic.ts";
import { NOTHING, type Usage, scaleUsage } from "./usage.ts";

/** An idle object hibernates after this, and forgets what it has reported. */
const HIBERNATION_S = 10;

/** What a page has to report is told within this: a change by a fifth, and any other one. */
const BIG_CHANGE = 0.2;
const BIG_CHANGE_S = 15;
const ANY_CHANGE_S = 60;

/**
 * The site total: pages report their numbers to one directory object, which writes a row for each
 * report. Nothing unless switched on.
 */
export function siteCountUsage(traffic: Traffic): Usage {
  if (!traffic.hasSiteCount) return NOTHING;
  const { atOnce, later } = reportsPerSecond(pageTraffic(traffic));
  // A report that is for later has an alarm: a row to set it, and a request when it comes.
  const reports = atOnce + later;
  const perPageAndSecond: Usage = {
    ...NOTHING,
    objectRequests: reports + later,
    durationGbS: 2 * reports * CALL_WALL_S * BILLED_GB,
    rowsWritten: reports + later,
  };
  return scaleUsage(perPageAndSecond, traffic.pages * traffic.hoursADay * 3_600);
}

interface Reports {
  readonly atOnce: number;
  readonly later: number;
}

/** A page that slept reports its first change at once; one that is awake waits for more of them. */
function reportsPerSecond(page: PageTraffic): Reports {
  const changes = 2 * page.joinsPerSecond;
  const chanceOfSleep = Math.exp(-HIBERNATION_S * (changes + sweepsPerSecond(page)));
  const awake = changes * (1 - chanceOfSleep);
  const toAndFromEmpty = awake * Math.exp(-page.visitors);
  const others = awake - toAndFromEmpty;
  // Coming and going at random, a number moves by k after about k² changes.
  const big = others / Math.max(1, (BIG_CHANGE * page.visitors) ** 2);
  const later = throttled(big, BIG_CHANGE_S) + throttled(others - big, ANY_CHANGE_S);
  return {
    atOnce: changes * chanceOfSleep + toAndFromEmpty,
    later: Math.min(later, 1 / BIG_CHANGE_S),
  };
}

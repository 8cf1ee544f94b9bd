import { CALL_WALL_S } from "./assumptions.ts";
import { BILLED_GB } from "./prices.ts";
import { chanceOfAny, throttled } from "./rates.ts";
import { type Traffic, pageTraffic } from "./traffic.ts";
import { NOTHING, type Usage, scaleUsage } from "./usage.ts";

/** A page tells its number again when it has changed by this share, but not more often than that. */
const CHANGE_SHARE = 0.2;
const CHANGE_WINDOW_S = 15;

/** A page with visitors says that it is alive this often. */
const REFRESH_S = 300;

/** The directory writes what it knows at most this often: one row. */
const WRITE_WINDOW_S = 30;

/** The site total: pages report their numbers to one directory object. Nothing unless switched on. */
export function siteCountUsage(traffic: Traffic): Usage {
  if (!traffic.hasSiteCount) return NOTHING;
  const reports = traffic.pages * reportsPerSecond(traffic);
  const perSecond: Usage = {
    ...NOTHING,
    objectRequests: reports,
    durationGbS: 2 * reports * CALL_WALL_S * BILLED_GB,
    rowsWritten: throttled(reports, WRITE_WINDOW_S),
  };
  return scaleUsage(perSecond, traffic.hoursADay * 3_600);
}

function reportsPerSecond(traffic: Traffic): number {
  const { visitors, joinsPerSecond } = pageTraffic(traffic);
  const toAndFromEmpty = 2 * joinsPerSecond * Math.exp(-visitors);
  // Coming and going at random, a number moves by k after about k² changes.
  const steps = Math.max(1, (CHANGE_SHARE * visitors) ** 2);
  const changes = throttled((2 * joinsPerSecond) / steps, CHANGE_WINDOW_S);
  return toAndFromEmpty + changes + chanceOfAny(visitors) / REFRESH_S;
}

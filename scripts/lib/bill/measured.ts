import { formatUnits } from "./format.ts";
import { totalOf, usageOfOurs } from "./ours.ts";
import { callsPerSecond } from "./shards.ts";
import { TRAFFIC_DEFAULTS, type Traffic } from "./traffic.ts";
import { pingsADay } from "./uncertain.ts";
import type { Usage } from "./usage.ts";

/** One number of the model beside what `node bench/src/quiet/main.ts` has measured. */
export interface Comparison {
  readonly where: string;
  readonly what: string;
  readonly measured: number;
  readonly modelled: number;
  /** By which share of what is modelled the two may differ. */
  readonly tolerance: number;
}

/** What the ends of a run blur. */
const EXACT = 0.02;
/** Rare events at random: 60 in ten minutes are as well 40 or 80. */
const RARE = 0.35;
/** Frequent ones. */
const FREQUENT = 0.15;
/** Who reports is told the total in the answer, which the model takes no notice of. */
const CALLS = 0.2;
/** What waits to be reported is often told together with what comes after it: the model is above. */
const SITE_TOTAL = 1 / 3;
/** The model takes the contract clients' beats as evenly spread. */
const ALARMS = 0.1;

/**
 * Compares.
 * @param results the content of bench/results.json
 * @throws TypeError when a number is missing there
 */
export function comparisons(results: unknown): Comparison[] {
  return [
    ...quietPage(results),
    ...contractPage(results),
    ...site(results),
    ...hotPage(results),
    ...siteTotal(results),
  ];
}

/** An hour of a page with so many visitors, where almost nobody comes or goes. */
function quietHour(visitors: number, contractShare: number): { traffic: Traffic; usage: Usage } {
  const hour = { ...TRAFFIC_DEFAULTS, hoursADay: 1, contractShare };
  const traffic = { ...hour, visitors, pages: 1, minutes: 1e9 };
  return { traffic, usage: totalOf(usageOfOurs(traffic)) };
}

function quietPage(results: unknown): Comparison[] {
  const number = reader(results, "product");
  const visitors = number("visitors");
  const { traffic, usage } = quietHour(visitors, 0);
  const row = comparing(`${formatUnits(visitors)} browser clients on one page`);
  return [
    row("object requests a join", number("figures", "objectRequestsAJoin"), 1, EXACT),
    row("close events a leave", number("figures", "eventsALeave"), 1, EXACT),
    row(
      "messages that wake the object, a visitor-hour",
      number("figures", "messagesAVisitorHour"),
      usage.objectMessages / visitors,
      RARE,
    ),
    row(
      "pings that do not, a visitor-hour",
      number("figures", "pingsAVisitorHour"),
      pingsADay(traffic) / visitors,
      EXACT,
    ),
    row("rows written an hour", number("figures", "rowsAnHour"), usage.rowsWritten, EXACT),
  ];
}

function contractPage(results: unknown): Comparison[] {
  const number = reader(results, "contract");
  const visitors = number("visitors");
  const { usage } = quietHour(visitors, 1);
  const row = comparing(`${formatUnits(visitors)} contract clients on one page`);
  return [
    row("rows when the first one comes", number("figures", "rowsAJoin") * visitors, 1, EXACT),
    row("rows when the last one leaves", number("figures", "rowsALeave") * visitors, 1, EXACT),
    row(
      "messages that wake the object, a visitor-hour",
      number("figures", "messagesAVisitorHour"),
      usage.objectMessages / visitors,
      EXACT,
    ),
    row("alarms an hour", number("figures", "alarmsAnHour"), usage.objectRequests, ALARMS),
    row("rows written an hour", number("figures", "rowsAnHour"), usage.rowsWritten, ALARMS),
  ];
}

type Reader = (...path: string[]) => number;

/** An hour of the traffic that a run had. */
function trafficOf(number: Reader): Traffic {
  const [visitors, pages, minutes] = [
    number("meanVisitors"),
    number("pages"),
    number("visitMinutes"),
  ];
  return { ...TRAFFIC_DEFAULTS, visitors, pages, minutes, hoursADay: 1 };
}

function siteName(number: Reader): string {
  const visitors = formatUnits(number("visitors"));
  return `${visitors} coming and going on ${number("pages")} pages, ${number("visitMinutes")} min each`;
}

function site(results: unknown): Comparison[] {
  const number = reader(results, "site");
  const { visits, sweeps } = usageOfOurs(trafficOf(number));
  const row = comparing(siteName(number));
  const an = (name: string): number => (number("meter", name) * 3_600) / number("seconds");
  return [
    row("object requests an hour", an("fetches"), visits.objectRequests, FREQUENT),
    row("messages that wake an object, an hour", an("messages"), sweeps.objectMessages, FREQUENT),
    row("rows written an hour", an("rowsWritten"), 0, EXACT),
  ];
}

function siteTotal(results: unknown): Comparison[] {
  const number = reader(results, "siteCount");
  const { siteCount } = usageOfOurs({ ...trafficOf(number), hasSiteCount: true });
  const row = comparing(`${siteName(number)}, with the site total`);
  const an = (name: string): number => (number("meter", name) * 3_600) / number("seconds");
  const requests = an("calls") + an("alarms");
  return [
    row("reports and alarms an hour", requests, siteCount.objectRequests, SITE_TOTAL),
    row("rows written an hour", an("rowsWritten"), siteCount.rowsWritten, SITE_TOTAL),
  ];
}

/** Objects that the page of that run is spread over. */
const HOT_PAGE_SHARDS = 4;

function hotPage(results: unknown): Comparison[] {
  const number = reader(results, "hotPage");
  const visitors = number("meanVisitors");
  const joinsPerSecond = number("joins") / number("seconds");
  const calls = callsPerSecond({ visitors, joinsPerSecond, contractShare: 0 }, HOT_PAGE_SHARDS);
  const row = comparing(
    `${formatUnits(number("visitors"))} coming and going on one page of ${HOT_PAGE_SHARDS} objects`,
  );
  return [
    row("calls between them a second", number("meter", "calls") / number("seconds"), calls, CALLS),
    row("rows written", number("meter", "rowsWritten"), 0, EXACT),
  ];
}

/** What happened in the runs, in sentences. */
export function describeRuns(results: unknown): string[] {
  const product = reader(results, "product");
  const contract = reader(results, "contract");
  const minutes = Math.round(product("quiet", "seconds") / 60);
  const visitors = formatUnits(product("visitors"));
  const wakeUps = product("figures", "wakeUpsAVisitorHour").toFixed(2);
  const contractWakeUps = contract("figures", "wakeUpsAVisitorHour").toFixed(0);
  return [
    `${visitors} browser clients stayed for ${minutes} minutes: ${formatUnits(product("quiet", "talk", "pongs"))} pings were answered, and the object was woken ${product("quiet", "meter", "messages")} times, ${wakeUps} a visitor-hour. With the contract's heartbeats it is ${contractWakeUps}.`,
    `In that time the object hibernated and was constructed again ${product("quiet", "meter", "constructed")} times. Then it was left alone for ${Math.round(product("asleep", "seconds"))} seconds: ${formatUnits(product("asleep", "talk", "pongs"))} pings were answered with ${product("asleep", "meter", "constructed")} constructions. One more visitor joined: ${product("awake", "meter", "constructed")} construction, and everybody saw one more, and one less when they left.`,
    `The runtime used ${product("quiet", "cpuSeconds").toFixed(1)} s of CPU for those minutes of browser clients, nearly all of it for pings, and ${contract("quiet", "cpuSeconds").toFixed(1)} s for those of contract clients.`,
  ];
}

function comparing(
  where: string,
): (what: string, measured: number, modelled: number, tolerance: number) => Comparison {
  return (what, measured, modelled, tolerance) => ({ where, what, measured, modelled, tolerance });
}

/** Whether the two differ by no more than they may. */
export function isWithinTolerance({ measured, modelled, tolerance }: Comparison): boolean {
  return Math.abs(measured - modelled) <= modelled * tolerance;
}

/** Whether the count was right at the end of each run. */
export function wereCountsRight(results: unknown): boolean {
  return ["product", "contract", "site", "hotPage", "siteCount"].every(
    (run) => at(results, ["quiet", run, "isRight"]) === true,
  );
}

function reader(results: unknown, run: string): Reader {
  return (...path) => {
    const value = at(results, ["quiet", run, ...path]);
    if (typeof value === "number") return value;
    throw new TypeError(
      `bench/results.json has no number at quiet.${run}.${path.join(".")}; run node bench/src/quiet/main.ts`,
    );
  };
}

function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = Object.getOwnPropertyDescriptor(found, key)?.value;
  }
  return found;
}

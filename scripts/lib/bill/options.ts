import { parseArgs } from "node:util";
import type { Plan } from "./report.ts";
import { TRAFFIC_DEFAULTS, type Traffic, visitorsOfDailyVisits } from "./traffic.ts";

/** `docs` rewrites the tables of docs/cost.md. */
type Format = "text" | "json" | "markdown" | "docs";

export interface BillOptions {
  /** Null where none was given, which is allowed for Markdown and docs: the typical sites. */
  readonly traffic: Traffic | null;
  readonly plan: Plan;
  readonly format: Format;
}

export const BILL_USAGE = `Usage: npm run bill -- --visitors <n> [<options>]

Says what the counter costs a month on Cloudflare, from published prices, and where the free plan ends.

The traffic:
  --visitors <n>          visitors present at the same moment, on average, all pages together
  --daily-visits <n>      or visits a day instead
  --pages <n>             pages that they are spread over (default 1)
  --minutes <n>           minutes that a visit to one page lasts (default 5)
  --hours-a-day <n>       hours of a day with these visitors (default 24)
  --days-a-month <n>      days of a month that are like this (default 30)
  --returns <n>           times that a visitor hides the tab and comes back, each visit (default 0)
  --contract-share <n>    share of clients that send the contract's JSON heartbeats, 0 to 1 (default 0)
  --reads-per-second <n>  requests for /count and /badge.svg (default 0)
  --site-count            the site total is switched on

The answer:
  --plan <name>           free, paid or both (default both)
  --json                  everything as JSON
  --markdown              one row of a Markdown table; without a traffic, the table of typical sites
  --docs                  writes the tables of docs/cost.md
  --help                  print this`;

/** A command line that cannot be followed; the message says why and what to give instead. */
export class BillUsageError extends Error {
  override name = "BillUsageError";
}

const OPTIONS = {
  visitors: { type: "string" },
  "daily-visits": { type: "string" },
  pages: { type: "string" },
  minutes: { type: "string" },
  "hours-a-day": { type: "string" },
  "days-a-month": { type: "string" },
  returns: { type: "string" },
  "contract-share": { type: "string" },
  "reads-per-second": { type: "string" },
  "site-count": { type: "boolean" },
  plan: { type: "string" },
  json: { type: "boolean" },
  markdown: { type: "boolean" },
  docs: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

interface Values {
  readonly [option: string]: string | boolean | undefined;
}

/**
 * @returns "help" when that is asked for
 * @throws BillUsageError
 */
export function parseBillOptions(args: readonly string[]): BillOptions | "help" {
  const values = parse(args);
  if (values["help"] === true) return "help";
  const format = parseFormat(values);
  return { traffic: parseTraffic(values, format), plan: parsePlan(values["plan"]), format };
}

function parse(args: readonly string[]): Values {
  try {
    return { ...parseArgs({ args: [...args], options: OPTIONS }).values };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BillUsageError(`${why}\nnpm run bill -- --help lists the options`);
  }
}

function parseFormat(values: Values): Format {
  const formats = (["json", "markdown", "docs"] as const).filter((name) => values[name] === true);
  if (formats.length > 1) {
    const names = formats.map((name) => `--${name}`).join(" and ");
    throw new BillUsageError(`${names} contradict each other; give one of them`);
  }
  return formats[0] ?? "text";
}

function parsePlan(text: string | boolean | undefined = "both"): Plan {
  if (text === "free" || text === "paid" || text === "both") return text;
  throw new BillUsageError(`--plan: '${text}' is unknown; give free, paid or both`);
}

/** Options that say something of a traffic whose size must be given too. */
const TRAFFIC_OPTIONS = Object.keys(OPTIONS).filter(
  (name) => !["plan", "json", "markdown", "docs", "help"].includes(name),
);

function parseTraffic(values: Values, format: Format): Traffic | null {
  const hasSome = TRAFFIC_OPTIONS.some((name) => values[name] !== undefined);
  if (hasSome && format === "docs") {
    throw new BillUsageError("--docs is about the typical sites; give it alone");
  }
  if (!hasSome && (format === "markdown" || format === "docs")) return null;
  const shape = {
    pages: parseNumber(values, "pages", { fallback: 1, min: 1, max: 1e9, isWhole: true }),
    minutes: parseNumber(values, "minutes", { fallback: 5, min: 0.05, max: 1_440 }),
    hoursADay: parseNumber(values, "hours-a-day", {
      fallback: TRAFFIC_DEFAULTS.hoursADay,
      min: 0.1,
      max: 24,
    }),
    daysAMonth: parseNumber(values, "days-a-month", {
      fallback: TRAFFIC_DEFAULTS.daysAMonth,
      min: 1,
      max: 31,
    }),
    returnsPerVisit: parseNumber(values, "returns", { fallback: 0, min: 0, max: 1_000 }),
    contractShare: parseNumber(values, "contract-share", { fallback: 0, min: 0, max: 1 }),
    readsPerSecond: parseNumber(values, "reads-per-second", { fallback: 0, min: 0, max: 1e9 }),
    hasSiteCount: values["site-count"] === true,
  };
  return { visitors: parseVisitors(values, shape), ...shape };
}

function parseVisitors(values: Values, shape: Pick<Traffic, "minutes" | "hoursADay">): number {
  const { visitors, "daily-visits": dailyVisits } = values;
  if (visitors !== undefined && dailyVisits !== undefined) {
    throw new BillUsageError("--visitors and --daily-visits say the same; give one of them");
  }
  if (dailyVisits !== undefined) {
    const visits = parseNumber(values, "daily-visits", { min: 0, max: 1e12 });
    return visitorsOfDailyVisits(visits, shape);
  }
  if (visitors === undefined) {
    throw new BillUsageError("--visitors is missing; give --visitors 1000 or --daily-visits 50000");
  }
  return parseNumber(values, "visitors", { min: 0, max: 1e9 });
}

interface Bounds {
  readonly fallback?: number;
  readonly min: number;
  readonly max: number;
  readonly isWhole?: boolean;
}

function parseNumber(values: Values, option: string, bounds: Bounds): number {
  const { fallback, min, max, isWhole = false } = bounds;
  const text = values[option];
  if (text === undefined && fallback !== undefined) return fallback;
  const value = typeof text === "string" && /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
  const kind = isWhole ? "a whole number" : "a number";
  const range = `from ${min} to ${max.toLocaleString("en", { useGrouping: false })}`;
  throw new BillUsageError(`--${option}: '${text}' cannot be used; give ${kind} ${range}`);
}

import { parseArgs } from "node:util";
import { CLIENTS, type ClientName } from "./visitors.ts";

export interface QuietOptions {
  readonly visitors: number;
  readonly minutes: number;
  readonly clients: readonly ClientName[];
  /** More than 1: visitors come and go. */
  readonly pages: number;
  /** Connections at which a page is spread over more objects; null for as deployed. */
  readonly splitAt: number | null;
  /** Whether the site total is switched on. */
  readonly hasSiteCount: boolean;
  /** Minutes that they stay then, on average. */
  readonly visit: number;
  /** File that the figures go to; null for none. */
  readonly out: string | null;
}

export const QUIET_USAGE = `Usage: node bench/src/quiet/main.ts [<options>]

Measures what a quiet page costs, in real time: visitors join it, stay, and leave. With --pages, what
a site costs whose visitors come and go.

  --visitors <n>     how many (default 1000, at most 9000: two open files each)
  --minutes <n>      how long nobody joins or leaves (default 10)
  --clients <name>   product: the browser client; contract: JSON heartbeats; both (default both)
  --pages <n>        pages of a site (default 1), with browser clients who come and go
  --visit <minutes>  how long they stay on one, on average (default 5)
  --split-at <n>     spread a page over objects of at most so many connections; visitors come and go
  --site-count       switch the site total on; visitors come and go
  --no-save          do not write the figures to bench/results.json
  --help             print this`;

const MAX_VISITORS = 9_000;

/**
 * @returns "help" when that is asked for
 * @throws Error that says what to give instead
 */
export function parseQuietOptions(args: readonly string[], out: string): QuietOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      visitors: { type: "string", default: "1000" },
      minutes: { type: "string", default: "10" },
      clients: { type: "string", default: "both" },
      pages: { type: "string", default: "1" },
      visit: { type: "string", default: "5" },
      "split-at": { type: "string" },
      "site-count": { type: "boolean", default: false },
      "no-save": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  return {
    visitors: parseNumber("--visitors", values.visitors, { max: MAX_VISITORS, isWhole: true }),
    minutes: parseNumber("--minutes", values.minutes, { max: 24 * 60, isWhole: false }),
    clients: parseClients(values.clients),
    pages: parseNumber("--pages", values.pages, { max: 10_000, isWhole: true }),
    splitAt:
      values["split-at"] === undefined
        ? null
        : parseNumber("--split-at", values["split-at"], { max: 32_000, isWhole: true }),
    hasSiteCount: values["site-count"],
    visit: parseNumber("--visit", values.visit, { max: 24 * 60, isWhole: false }),
    out: values["no-save"] ? null : out,
  };
}

function parseNumber(
  option: string,
  text: string,
  { max, isWhole }: { readonly max: number; readonly isWhole: boolean },
): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= max && (!isWhole || Number.isInteger(value))) return value;
  const kind = isWhole ? "a whole number" : "a number";
  throw new Error(`${option}: '${text}' cannot be used; give ${kind} above 0, at most ${max}`);
}

function parseClients(text: string): readonly ClientName[] {
  if (text === "both") return CLIENTS;
  const name = CLIENTS.find((client) => client === text);
  if (name !== undefined) return [name];
  throw new Error(`--clients: '${text}' is unknown; give ${CLIENTS.join(", ")} or both`);
}

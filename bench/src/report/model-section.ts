import { type PageModel, modelPage } from "../model/one-page.ts";
import {
  type Sample,
  type UnitCosts,
  predictedCpuMs,
  samplesOf,
  unitCosts,
} from "../model/unit-costs.ts";
import type { BenchResults } from "../results.ts";
import type { PagesResult } from "../scenarios/pages.ts";
import { wakeUps } from "../scenarios/quiet-minute.ts";
import { formatKb, formatMs, formatNumber } from "./format.ts";
import { table } from "./table.ts";

const VISITORS: readonly number[] = [1_000, 5_000, 20_000, 100_000];
const VISIT_MS = 300_000;

/** What was measured, carried on to what cannot be measured here. */
export function modelSection(results: BenchResults): string {
  const costs = unitCosts(results);
  const parts = costs === null ? [] : [onePage(costs), check(costs, results)];
  if (results.pages !== undefined) parts.push(manyPages(results.pages));
  return parts.join("\n");
}

function onePage(costs: UnitCosts): string {
  const rows = VISITORS.map((visitors) => {
    const model = modelPage({ visitors, visitMs: VISIT_MS }, costs);
    return [formatNumber(visitors), ...cells(model)];
  });
  const headers = [
    "visitors",
    "objects",
    "joins/s",
    "a count every",
    "messages/s an object",
    "calls/s at the root",
    "CPU an object",
    "bytes/s",
    "memory an object",
  ];
  return [
    "### Up to 100,000 visitors on one page: a model",
    "",
    "Visitors who stay for five minutes, so that the number never rests. With S objects and n of N " +
      "visitors on each, everybody is told a count every T = max(n / 5,000 s, 0.25 s, and for S > 1 the " +
      "interval at which the root tells its shards), which makes n / T messages a second an object; the " +
      "root answers and makes 2 (S - 1) calls in each of these intervals. CPU is " +
      `${formatNumber(costs.cpuMsPerEvent)} ms a join or leave and ` +
      `${formatNumber(costs.cpuMsPerSend * 1_000)} µs a message, memory ` +
      `${formatNumber(costs.kbPerSocket)} KB a connection, a count ${formatNumber(costs.bytesPerCount)} ` +
      "bytes, all as measured here.",
    "",
    table(headers, rows),
    "",
  ].join("\n");
}

function cells(model: PageModel): string[] {
  return [
    formatNumber(model.shards),
    formatNumber(model.joinsPerSecond),
    formatMs(model.intervalMs),
    formatNumber(model.messagesPerShard),
    formatNumber(model.callsAtRoot),
    `${Math.round(100 * model.cpuPerShard)}%`,
    formatKb(model.bytesPerSecond / 1_024),
    formatKb(model.mbPerShard * 1_024),
  ];
}

function check(costs: UnitCosts, results: BenchResults): string {
  const fitted = samplesOf(results).map((sample) => checkRow(sample, costs, "yes"));
  const others = unseen(results).map((sample) => checkRow(sample, costs, "no"));
  const headers = [
    "run",
    "joins and leaves",
    "messages",
    "CPU",
    "by the model",
    "ratio",
    "fitted to",
  ];
  return [
    "The model against what was measured. It was fitted to the runs on one object; those of a page on " +
      "several objects, with their moves and calls, are its test.",
    "",
    table(headers, [...fitted, ...others]),
    "",
  ].join("\n");
}

function checkRow(sample: Sample, costs: UnitCosts, isFitted: string): string[] {
  const predicted = predictedCpuMs(sample, costs);
  return [
    sample.name,
    formatNumber(sample.events),
    formatNumber(sample.sends),
    formatMs(sample.cpuMs),
    formatMs(predicted),
    formatNumber(predicted / sample.cpuMs),
    isFitted,
  ];
}

/** Runs that the model was not fitted to. A move is a leave and a join. */
function unseen({ storm = [], crowd }: BenchResults): Sample[] {
  const split = storm
    .filter(({ contestant, shownMs }) => contestant === "ours, split" && shownMs !== null)
    .map(({ size, moved, spent }) => ({
      name: `storm ${formatNumber(size)}, split`,
      events: size + 2 * moved,
      sends: spent.counts,
      cpuMs: spent.cpuMs,
    }));
  const all =
    crowd === undefined
      ? []
      : [
          {
            name: `${formatNumber(crowd.visitors)} on one page`,
            events: crowd.meter.fetches + crowd.meter.closes,
            sends: crowd.counts,
            cpuMs: crowd.cpuMs,
          },
        ];
  return [...split, ...all];
}

const MANY = 100_000;

function manyPages(results: readonly PagesResult[]): string {
  const rows = results.map(({ pages, isRight, join, quiet, leave }) => [
    formatNumber(pages),
    isRight ? "yes" : "NO",
    formatNumber(join.meter.fetches / pages),
    formatNumber(join.counts / pages),
    formatNumber(join.meter.rowsWritten),
    formatNumber(wakeUps(quiet.meter)),
    `${formatNumber(join.cpuMs / pages)} ms`,
    `${formatNumber(leave.cpuMs / pages)} ms`,
    formatNumber(join.rssGrowthKb / pages),
  ]);
  const headers = [
    "pages",
    "all right",
    "requests a visit",
    "messages a visit",
    "rows",
    "wake-ups at rest",
    "CPU a join",
    "CPU a leave",
    "KB a page",
  ];
  const last = results.at(-1);
  return [
    "### 100,000 pages of one visitor each: a model",
    "",
    "Pages know nothing of each other, so what they take grows with their number. Measured:",
    "",
    table(headers, rows),
    "",
    last === undefined ? "" : manyText(last),
    "",
  ].join("\n");
}

function manyText({ pages, join, leave }: PagesResult): string {
  const visits = (MANY * 1_000) / VISIT_MS;
  const cores = (visits * (join.cpuMs + leave.cpuMs)) / pages / 1_000;
  const gb = (MANY * join.rssGrowthKb) / pages / 1_024 ** 2;
  return (
    `${formatNumber(MANY)} such pages with visits of five minutes are ${formatNumber(visits)} joins and ` +
    `as many leaves a second: ${formatNumber(visits)} Worker requests and as many object requests a ` +
    `second, one message a visit, no rows, nothing at rest; ${formatNumber(cores)} of a core like this ` +
    `one, and ${formatNumber(gb)} GB if all stayed in one process. On Cloudflare each page is an object ` +
    "of its own, wherever its first visitor is, and out of memory ten seconds after the last event."
  );
}

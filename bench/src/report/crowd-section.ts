import type { CrowdResult } from "../scenarios/crowd.ts";
import { formatKb, formatMs, formatNumber } from "./format.ts";
import { table } from "./table.ts";

/** More visitors of one page than one process can hold. */
export function crowdSection(result: CrowdResult): string {
  const { visitors, servers, joinedMs, comparisons, meter } = result;
  const rows = comparisons.map(({ when, visitors: present, right, settledMs }) => [
    when,
    formatNumber(present),
    formatNumber(right),
    settledMs === null ? "not in time" : formatMs(settledMs),
  ]);
  return [
    `### ${formatNumber(visitors)} visitors on one page`,
    "",
    `One page over ${servers} workerd processes, split by the product itself with its usual limits. ` +
      `All had joined and saw ${formatNumber(visitors)} after ${formatMs(joinedMs)}; ` +
      `${formatNumber(result.moved)} moves between shards, ${formatNumber(result.turnedAway)} turned ` +
      `away for a while, ${formatNumber(result.lost)} connections lost. ${formatNumber(meter.fetches)} ` +
      `requests to objects, ${formatNumber(meter.calls)} calls between them, ` +
      `${formatNumber(result.counts)} counts sent, ${formatMs(result.cpuMs)} of CPU, ` +
      `${formatKb(result.rssKb)} of memory at most. What each visitor is shown, against the truth:`,
    "",
    table(["when", "visitors", "shown the truth", "after"], rows),
    "",
  ].join("\n");
}

import { STORM_TIMEOUT_MS, type StormResult } from "../scenarios/storm.ts";
import { formatKb, formatMs, formatNumber, formatRatio } from "./format.ts";
import { table } from "./table.ts";

const HEADERS = [
  "visitors, server",
  "until all see all",
  "x ours",
  "messages",
  "x ours",
  "server CPU",
  "x ours",
  "KB a socket",
  "peak memory",
];

/** The join storm, each server as a ratio of ours at the same size. */
export function stormSection(results: readonly StormResult[]): string {
  const rows = results.map((result) => {
    const ours = results.find(
      ({ contestant, size }) => contestant === "ours" && size === result.size,
    );
    return stormRow(result, ours ?? null);
  });
  return [
    "### Join storm",
    "",
    "Everyone joins one page at once, 64 handshakes at a time, and it is over when every visitor is " +
      "shown the number of all. Who has not finished after 60 s is stopped, and is not asked for more; what took less " +
      "than 3 s is the median of three.",
    "",
    table(HEADERS, rows),
    "",
  ].join("\n");
}

function stormRow(result: StormResult, ours: StormResult | null): string[] {
  const { contestant, size, shownMs, spent, kbPerSocket } = result;
  // What was not finished is more than was measured.
  const atLeast = shownMs === null ? "> " : "";
  const against = (value: number, base: number | undefined): string => {
    if (ours === null || ours === result || ours.shownMs === null) return "";
    const ratio = formatRatio(value, base ?? null);
    return ratio === "" ? "" : `${atLeast}${ratio}`;
  };
  return [
    `${formatNumber(size)} ${contestant}`,
    shownMs === null ? unfinished(result) : formatMs(shownMs),
    against(shownMs ?? STORM_TIMEOUT_MS, ours?.shownMs ?? undefined),
    atLeast + formatNumber(spent.counts),
    against(spent.counts, ours?.spent.counts),
    atLeast + formatMs(spent.cpuMs),
    against(spent.cpuMs, ours?.spent.cpuMs),
    formatNumber(kbPerSocket),
    formatKb(spent.peakRssKb),
  ];
}

function unfinished({ admitted }: StormResult): string {
  return `not in ${formatMs(STORM_TIMEOUT_MS)}, ${formatNumber(admitted)} in`;
}

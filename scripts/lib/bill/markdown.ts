import { type Estimate, estimate } from "./estimate.ts";
import { formatDollars, formatMarkdownTable, formatShare, formatUnits } from "./format.ts";
import type { Comparison } from "./measured.ts";
import { PRICES } from "./prices.ts";
import type { Site } from "./sites.ts";

/** Sites side by side, as docs/cost.md has them. */
export function formatSites(sites: readonly Site[]): string {
  const header = [
    "",
    "at once",
    "pages",
    "a visit",
    "visits a day",
    "free plan",
    "paid plan a month",
    "with one return a visit",
    "by the book",
    "polling",
    "`accept()`",
  ];
  return formatMarkdownTable([header, ...sites.map(siteRow)]);
}

function siteRow({ name, traffic }: Site): string[] {
  const result = estimate(traffic);
  return [
    name,
    formatUnits(traffic.visitors),
    formatUnits(traffic.pages),
    `${traffic.minutes} min`,
    formatUnits(result.visitsADay),
    freeCell(result),
    formatDollars(result.paid.dollars),
    formatDollars(result.paidWithReturn.dollars),
    ...["naive", "polling", "accept"].map((key) => designCell(result, key)),
  ];
}

function freeCell({ free: [{ fullest, end }] }: Estimate): string {
  const use = `${formatShare(fullest.share)} of a day`;
  return fullest.share > 1 ? `no: ${use}; up to ${formatUnits(end.visitors)}` : `yes: ${use}`;
}

function designCell({ designs }: Estimate, key: string): string {
  const design = designs.find((other) => other.key === key);
  if (design === undefined) return "";
  return design.isOverloaded ? "fails" : formatDollars(design.dollars);
}

/** The price list with its sources. */
export function formatPrices(): string {
  const rows = Object.values(PRICES).map(
    ({ name, unit, dollarsPerMillion, includedAMonth, freeADay }) => [
      name,
      `${formatDollars(dollarsPerMillion)} a million ${unit}`,
      formatUnits(includedAMonth),
      freeADay === null ? "" : formatUnits(freeADay),
    ],
  );
  return formatMarkdownTable([
    ["", "paid plan", "included a month", "free plan, a day at most"],
    ...rows,
  ]);
}

/** What was measured beside what the model says. */
export function formatMeasured(rows: readonly Comparison[]): string {
  const header = ["", "", "measured", "modelled"];
  const body = rows.map(({ where, what, measured, modelled }, index) => [
    rows[index - 1]?.where === where ? "" : where,
    what,
    formatUnits(measured),
    formatUnits(modelled),
  ]);
  return formatMarkdownTable([header, ...body], 2);
}

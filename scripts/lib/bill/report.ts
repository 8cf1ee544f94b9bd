import type { Bill } from "./cost.ts";
import type { Estimate } from "./estimate.ts";
import { formatDollars, formatShare, formatTable, formatUnits } from "./format.ts";
import type { Parts } from "./ours.ts";
import { PLAN_DOLLARS_A_MONTH, PRICES, PRICES_READ_ON } from "./prices.ts";
import { shardsOf } from "./shards.ts";
import { type Traffic, pageTraffic } from "./traffic.ts";
import { type Usage, billedUnits } from "./usage.ts";

export type Plan = "free" | "paid" | "both";

const PART_NAMES: { readonly [part in keyof Parts]: string } = {
  visits: "visits: joins and leaves",
  returns: "returns to hidden tabs",
  sweeps: "looking for vanished visitors",
  contractClients: "clients of the contract",
  counts: "sending counts",
  shards: "spreading a hot page",
  reads: "reads over HTTP",
  siteCount: "the site total",
};

/** The estimate as text for a terminal. */
export function formatEstimate(result: Estimate, plan: Plan): string {
  const sections = [
    [describeTraffic(result)],
    describeUse(result),
    ...(plan === "free" ? [] : [describePaid(result)]),
    ...(plan === "paid" ? [] : [describeFree(result)]),
    describeUncertain(result),
    ...(plan === "free" ? [] : [describeDesigns(result)]),
    [
      `Prices of ${PRICES_READ_ON}: ${PRICES.workerRequests.source}`,
      `and ${PRICES.objectRequests.source}. docs/cost.md says how this was checked.`,
    ],
  ];
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

function describeTraffic({ traffic, visitsADay }: Estimate): string {
  const { visitors, pages, minutes, hoursADay, daysAMonth } = traffic;
  const shards = shardsOf(pageTraffic(traffic));
  return [
    `${formatUnits(visitors)} visitors at once on ${formatUnits(pages)} ${pages === 1 ? "page" : "pages"}`,
    `${minutes} min a visit (${formatUnits(visitsADay)} visits a day)`,
    `${hoursADay} h a day, ${daysAMonth} days a month`,
    ...describeExtras(traffic),
    ...(shards > 1 ? [`each page spread over ${shards} objects`] : []),
  ].join(", ");
}

function describeExtras(traffic: Traffic): string[] {
  const { returnsPerVisit, contractShare, readsPerSecond, hasSiteCount } = traffic;
  return [
    ...(returnsPerVisit > 0 ? [`tabs hidden and looked at again: ${returnsPerVisit} a visit`] : []),
    ...(contractShare > 0 ? [`${formatShare(contractShare)} clients of the contract`] : []),
    ...(readsPerSecond > 0 ? [`${readsPerSecond} reads a second`] : []),
    ...(hasSiteCount ? ["with the site total"] : []),
  ];
}

function describeUse({ parts, total, partDollars, traffic }: Estimate): string[] {
  const names = Object.entries(PART_NAMES).flatMap(([key, name]) =>
    isPart(key) && hasUse(parts[key]) ? [{ key, name }] : [],
  );
  const rows = names.map(({ key, name }) => [
    name,
    ...cellsOf(parts[key]),
    formatDollars(partDollars[key]),
  ]);
  const days = traffic.daysAMonth === 1 ? "1 day" : `${traffic.daysAMonth} days`;
  return [
    "What a day uses, and what it would cost with nothing included:",
    ...formatTable([
      ["", "Worker req.", "object req.", "GB-s", "rows", days],
      ...rows,
      ["total", ...cellsOf(total), formatDollars(Object.values(partDollars).reduce(add, 0))],
    ]),
  ];
}

function add(a: number, b: number): number {
  return a + b;
}

function isPart(key: string): key is keyof Parts {
  return Object.hasOwn(PART_NAMES, key);
}

function hasUse(usage: Usage): boolean {
  return Object.values(usage).some((value) => value > 0);
}

function cellsOf(usage: Usage): string[] {
  const { workerRequests, objectRequests, durationGbS, rowsWritten } = billedUnits(usage);
  return [workerRequests, objectRequests, durationGbS, rowsWritten].map(formatUnits);
}

function describePaid({ paid, paidWithReturn }: Estimate): string[] {
  return [
    "Paid plan, a month:",
    ...formatTable([
      ["", "used", "included", "price", ""],
      ["the plan", "", "", "", formatDollars(PLAN_DOLLARS_A_MONTH)],
      ...paidRows(paid),
      ["total", "", "", "", formatDollars(paid.dollars)],
    ]),
    `  ${formatDollars(paid.roundedDollars)} when each line is rounded up to whole millions, as in Cloudflare's examples`,
    `  ${formatDollars(paidWithReturn.dollars)} when each visitor leaves the tab and comes back once more`,
  ];
}

function paidRows({ lines }: Bill): string[][] {
  return lines.map(({ meter, used, dollars }) => {
    const { name, unit, includedAMonth, dollarsPerMillion } = PRICES[meter];
    return [
      name,
      `${formatUnits(used)} ${unit}`,
      formatUnits(includedAMonth),
      `${formatDollars(dollarsPerMillion)}/M`,
      formatDollars(dollars),
    ];
  });
}

function describeFree({ caps, free }: Estimate): string[] {
  const [{ fullest }] = free;
  const verdict =
    fullest.share > 1
      ? `Free plan: NOT enough, ${PRICES[fullest.meter].name} are ${formatShare(fullest.share)} of a day's cap; beyond it visitors are refused until 00:00 UTC`
      : `Free plan: enough, ${PRICES[fullest.meter].name} are ${formatShare(fullest.share)} of a day's cap`;
  return [
    verdict,
    ...formatTable(
      caps.map(({ meter, used, cap, share }) => [
        PRICES[meter].name,
        formatUnits(used),
        `of ${formatUnits(cap)}`,
        formatShare(share),
      ]),
    ),
    "It ends beyond",
    ...formatTable(
      free.map(({ rule, end }) => [
        rule,
        `${formatUnits(end.visitors)} at once`,
        `(${PRICES[end.meter].name})`,
      ]),
    ),
  ];
}

function describeUncertain({ uncertainties }: Estimate): string[] {
  return [
    "What Cloudflare's pages leave open, a month on the paid plan:",
    ...uncertainties.flatMap(({ what, dollars, adds }) =>
      hasUse(adds) ? [`  +${formatDollars(dollars)} if ${what}`] : [],
    ),
  ];
}

function describeDesigns({ designs, paid }: Estimate): string[] {
  return [
    "The same done otherwise, a month on the paid plan:",
    ...formatTable([
      ["this product", formatDollars(paid.dollars)],
      ...designs.map(({ name, dollars, isOverloaded }) => [
        isOverloaded ? `${name} (a page asks more than one object can do)` : name,
        formatDollars(dollars),
      ]),
    ]),
  ];
}

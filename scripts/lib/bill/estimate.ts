import { type Bill, listDollars, monthlyBill } from "./cost.ts";
import { DESIGNS, type Design } from "./designs.ts";
import { type CapUse, type FreePlanEnd, capUses, freePlanEnd } from "./free-plan.ts";
import { type Parts, totalOf, usageOfOurs } from "./ours.ts";
import { type Traffic, visitsADay } from "./traffic.ts";
import { type Uncertainty, uncertainties } from "./uncertain.ts";
import { type Usage, addUsage, scaleUsage } from "./usage.ts";

/** The free plan's day under one reading of its rules. */
interface FreeReading {
  readonly key: "asBilled" | "messagesInFull" | "pingsBilled" | "both";
  /** What the reading says. */
  readonly rule: string;
  /** The fullest cap. */
  readonly fullest: CapUse;
  readonly end: FreePlanEnd;
}

export interface Estimate {
  readonly traffic: Traffic;
  readonly visitsADay: number;
  /** Use of a day, by cause. */
  readonly parts: Parts;
  /** Use of a day. */
  readonly total: Usage;
  /** Dollars a month of each cause at list prices, with nothing included. */
  readonly partDollars: { readonly [part in keyof Parts]: number };
  readonly paid: Bill;
  /** The same with one return to a hidden tab a visit more. */
  readonly paidWithReturn: Bill;
  /** Daily caps of the free plan, the fullest first. */
  readonly caps: readonly CapUse[];
  /** As the docs read first. */
  readonly free: readonly [FreeReading, ...FreeReading[]];
  readonly uncertainties: readonly (Uncertainty & { readonly dollars: number })[];
  readonly designs: readonly DesignEstimate[];
}

/** A month on the paid plan, done otherwise. */
interface DesignEstimate extends Pick<Design, "key" | "name"> {
  readonly dollars: number;
  /** Whether a page asks more of its object than that can do. */
  readonly isOverloaded: boolean;
}

const READINGS = [
  { key: "asBilled", rule: "as Cloudflare's pages read", options: {} },
  {
    key: "messagesInFull",
    rule: "if the daily cap counts each message as a request",
    options: { messagesPerRequest: 1 },
  },
  {
    key: "pingsBilled",
    rule: "if answered pings count as messages",
    options: { arePingsBilled: true },
  },
  { key: "both", rule: "if both", options: { messagesPerRequest: 1, arePingsBilled: true } },
] as const;

/** Everything that can be said about the bill of a traffic. */
export function estimate(traffic: Traffic): Estimate {
  const { daysAMonth } = traffic;
  const parts = usageOfOurs(traffic);
  const total = totalOf(parts);
  const paid = monthlyBill(total, daysAMonth);
  const returning = { ...traffic, returnsPerVisit: traffic.returnsPerVisit + 1 };
  const dollarsOf = (usage: Usage): number => listDollars(scaleUsage(usage, daysAMonth));
  const [first, ...others] = READINGS;
  return {
    traffic,
    visitsADay: visitsADay(traffic),
    parts,
    total,
    partDollars: {
      visits: dollarsOf(parts.visits),
      returns: dollarsOf(parts.returns),
      sweeps: dollarsOf(parts.sweeps),
      contractClients: dollarsOf(parts.contractClients),
      counts: dollarsOf(parts.counts),
      shards: dollarsOf(parts.shards),
      reads: dollarsOf(parts.reads),
      siteCount: dollarsOf(parts.siteCount),
    },
    paid,
    paidWithReturn: monthlyBill(totalOf(usageOfOurs(returning)), daysAMonth),
    caps: capUses(traffic),
    free: [readFreePlan(traffic, first), ...others.map((other) => readFreePlan(traffic, other))],
    uncertainties: uncertainties(traffic, parts).map((uncertainty) => {
      const { dollars } = monthlyBill(addUsage([total, uncertainty.adds]), daysAMonth);
      return { ...uncertainty, dollars: dollars - paid.dollars };
    }),
    designs: DESIGNS.map((design) => otherwise(design, traffic, parts)),
  };
}

function otherwise(
  { key, name, usage, isOverloaded }: Design,
  traffic: Traffic,
  { reads, siteCount }: Parts,
): DesignEstimate {
  const total = addUsage([usage(traffic), reads, siteCount]);
  const { dollars } = monthlyBill(total, traffic.daysAMonth);
  return { key, name, dollars, isOverloaded: isOverloaded(traffic) };
}

function readFreePlan(
  traffic: Traffic,
  { key, rule, options }: (typeof READINGS)[number],
): FreeReading {
  const [fullest] = capUses(traffic, options);
  if (fullest === undefined) throw new Error("the free plan has no caps; check prices.ts");
  return { key, rule, fullest, end: freePlanEnd(traffic, options) };
}

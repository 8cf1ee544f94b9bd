import { totalOf, usageOfOurs } from "./ours.ts";
import { METERS, type Meter, PRICES } from "./prices.ts";
import type { Traffic } from "./traffic.ts";
import { pingsADay } from "./uncertain.ts";
import { NOTHING, type Usage, addUsage, billedUnits } from "./usage.ts";

/** How much of one daily cap of the free plan a day uses. */
export interface CapUse {
  readonly meter: Meter;
  readonly used: number;
  readonly cap: number;
  /** 1 is all of it. */
  readonly share: number;
}

export interface FreePlanOptions {
  /** Incoming messages that the cap takes for one request: 20 as the bill does, or 1. @default 20 */
  readonly messagesPerRequest?: number;
  /** Whether pings that the platform answers count as incoming messages. @default false */
  readonly arePingsBilled?: boolean;
}

/** Where the free plan ends. */
export interface FreePlanEnd {
  /** Most visitors at once whose day fits in all caps, everything else being equal; 0 when none do. */
  readonly visitors: number;
  /** What is used up first with one more. */
  readonly meter: Meter;
}

/** The daily caps with what a traffic uses of them, the fullest first. */
export function capUses(traffic: Traffic, options: FreePlanOptions = {}): CapUse[] {
  const units = billedUnits(usageOf(traffic, options), options.messagesPerRequest);
  const uses = METERS.flatMap((meter) => {
    const { freeADay } = PRICES[meter];
    const used = units[meter];
    return freeADay === null ? [] : [{ meter, used, cap: freeADay, share: used / freeADay }];
  });
  return uses.toSorted((a, b) => b.share - a.share);
}

function usageOf(traffic: Traffic, { arePingsBilled = false }: FreePlanOptions): Usage {
  const total = totalOf(usageOfOurs(traffic));
  return arePingsBilled
    ? addUsage([total, { ...NOTHING, objectMessages: pingsADay(traffic) }])
    : total;
}

/** Steps by which the end is looked for: an hour of a crowd may use less than one of a few. */
const STEP = 1.02;

export function freePlanEnd(traffic: Traffic, options: FreePlanOptions = {}): FreePlanEnd {
  const overfull = (visitors: number): Meter | null => {
    const [fullest] = capUses({ ...traffic, visitors }, options);
    return fullest !== undefined && fullest.share > 1 ? fullest.meter : null;
  };
  let fits = 0;
  let next = 1;
  while (overfull(next) === null) {
    fits = next;
    next = Math.max(next + 1, Math.floor(next * STEP));
  }
  while (next - fits > 1) {
    const middle = Math.floor((fits + next) / 2);
    if (overfull(middle) === null) fits = middle;
    else next = middle;
  }
  return { visitors: fits, meter: overfull(next) ?? "objectRequests" };
}

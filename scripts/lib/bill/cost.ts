import { METERS, type Meter, PLAN_DOLLARS_A_MONTH, PRICES } from "./prices.ts";
import { type Usage, billedUnits, scaleUsage } from "./usage.ts";

interface BillLine {
  readonly meter: Meter;
  /** Units in the month, before those that are included. */
  readonly used: number;
  /** Units beyond those. */
  readonly billed: number;
  readonly dollars: number;
}

/** A month on the paid plan. */
export interface Bill {
  readonly lines: readonly BillLine[];
  /** Of all lines, and the plan itself. */
  readonly dollars: number;
  /** The same when each line that is billed is rounded up to whole millions of units. */
  readonly roundedDollars: number;
}

const MILLION = 1_000_000;

export function monthlyBill(usageADay: Usage, daysAMonth: number): Bill {
  const units = billedUnits(scaleUsage(usageADay, daysAMonth));
  const lines = METERS.map((meter) => {
    const { includedAMonth, dollarsPerMillion } = PRICES[meter];
    const used = units[meter];
    const billed = Math.max(0, used - includedAMonth);
    return { meter, used, billed, dollars: (billed / MILLION) * dollarsPerMillion };
  });
  const rounded = lines.map(
    ({ meter, billed }) => Math.ceil(billed / MILLION) * PRICES[meter].dollarsPerMillion,
  );
  return {
    lines,
    dollars: PLAN_DOLLARS_A_MONTH + sum(lines.map(({ dollars }) => dollars)),
    roundedDollars: PLAN_DOLLARS_A_MONTH + sum(rounded),
  };
}

/** What a usage costs at list prices, with nothing included: for comparing parts of it. */
export function listDollars(usage: Usage): number {
  const units = billedUnits(usage);
  return sum(METERS.map((meter) => (units[meter] / MILLION) * PRICES[meter].dollarsPerMillion));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

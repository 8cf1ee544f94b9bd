import { TRAFFIC_DEFAULTS, type Traffic } from "./traffic.ts";

export interface Site {
  readonly name: string;
  readonly traffic: Traffic;
}

/** The sites that docs/cost.md shows. */
export const SITES: readonly Site[] = [
  site("A blog", { visitors: 5, pages: 100, minutes: 3 }),
  site("A documentation site", { visitors: 50, pages: 500, minutes: 4 }),
  site("A shop", { visitors: 500, pages: 5_000, minutes: 5 }),
  site("A page of the day", { visitors: 1_000, pages: 1, minutes: 5 }),
  site("A launch day, 8 hours", {
    visitors: 20_000,
    pages: 1,
    minutes: 10,
    hoursADay: 8,
    daysAMonth: 1,
  }),
  site("A large site", { visitors: 20_000, pages: 100_000, minutes: 5 }),
];

function site(
  name: string,
  traffic: Pick<Traffic, "visitors" | "pages" | "minutes"> & Partial<Traffic>,
): Site {
  return { name, traffic: { ...TRAFFIC_DEFAULTS, ...traffic } };
}

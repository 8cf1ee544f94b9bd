/** A site's traffic, as its owner would say it. */
export interface Traffic {
  /** Visitors with the page in view at the same moment, all pages together, on average. */
  readonly visitors: number;
  /** Pages that they are spread over evenly. */
  readonly pages: number;
  /** Minutes that one visitor has one page in view. */
  readonly minutes: number;
  /** Hours of a day with these visitors; there are none in the others. */
  readonly hoursADay: number;
  /** Days of a month that are like this; there is nobody on the others. */
  readonly daysAMonth: number;
  /** How often one visit is interrupted: the tab is hidden for more than five seconds, and looked at again. */
  readonly returnsPerVisit: number;
  /** Share of the visitors, 0 to 1, whose client is the contract's: JSON heartbeats, no `v=2`. */
  readonly contractShare: number;
  /** Requests for `/count` and `/badge.svg` a second, in the same hours. */
  readonly readsPerSecond: number;
  /** Whether the site total is switched on. */
  readonly hasSiteCount: boolean;
}

/** Everything that a traffic needs not say. */
export const TRAFFIC_DEFAULTS: Omit<Traffic, "visitors" | "pages" | "minutes"> = {
  hoursADay: 24,
  daysAMonth: 30,
  returnsPerVisit: 0,
  contractShare: 0,
  readsPerSecond: 0,
  hasSiteCount: false,
};

/** One page of a traffic, in the hours that have visitors. */
export interface PageTraffic {
  /** Visitors present at the same moment, on average: a Poisson number. */
  readonly visitors: number;
  /** Connections made a second; as many end. */
  readonly joinsPerSecond: number;
  readonly contractShare: number;
}

export function pageTraffic(traffic: Traffic): PageTraffic {
  const { visitors, pages, minutes, returnsPerVisit, contractShare } = traffic;
  const onPage = visitors / pages;
  const joinsPerSecond = (onPage * (1 + returnsPerVisit)) / (minutes * 60);
  return { visitors: onPage, joinsPerSecond, contractShare };
}

export function visitsADay({ visitors, minutes, hoursADay }: Traffic): number {
  return (visitors * hoursADay * 60) / minutes;
}

/** Visitors at once that so many visits a day make. */
export function visitorsOfDailyVisits(
  visits: number,
  { minutes, hoursADay }: Pick<Traffic, "minutes" | "hoursADay">,
): number {
  return (visits * minutes) / (hoursADay * 60);
}

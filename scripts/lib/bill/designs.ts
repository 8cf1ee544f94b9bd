import { EVENT_WALL_S, SEND_WALL_S, WORKER_CPU_MS } from "./assumptions.ts";
import { BILLED_GB } from "./prices.ts";
import { HEARTBEATS_PER_SECOND, chanceOfAny } from "./rates.ts";
import { type PageTraffic, type Traffic, pageTraffic } from "./traffic.ts";
import { NOTHING, type Usage, scaleUsage } from "./usage.ts";

export interface Design {
  readonly key: "naive" | "accept" | "polling";
  readonly name: string;
  /** What it uses in a day for the visits; reads and the site total would come on top. */
  readonly usage: (traffic: Traffic) => Usage;
  /** Whether a page asks more of its object than that can do: then the bill is of a page that fails. */
  readonly isOverloaded: (traffic: Traffic) => boolean;
}

/**
 * "An individual Object has a soft limit of 1,000 requests per second":
 * https://developers.cloudflare.com/durable-objects/platform/limits/
 */
const MAX_EVENTS_PER_SECOND = 1_000;

/** How often an alarm looks for stale connections when it is done by the book. */
const ALARM_S = 45;

/** Other ways to do the same. */
export const DESIGNS: readonly Design[] = [
  {
    key: "naive",
    name: "the contract by the book: JSON heartbeats, an alarm every 45 s",
    usage: (traffic) => aDay(traffic, naive(pageTraffic(traffic))),
    isOverloaded: (traffic) => isOverloaded(broadcastLoad(pageTraffic(traffic))),
  },
  {
    key: "accept",
    name: "accept() or setInterval instead of hibernation",
    usage: (traffic) => aDay(traffic, alwaysActive(pageTraffic(traffic))),
    isOverloaded: (traffic) => isOverloaded(broadcastLoad(pageTraffic(traffic))),
  },
  {
    key: "polling",
    name: "polling every 20 s, without WebSockets",
    usage: (traffic) => aDay(traffic, polling(pageTraffic(traffic))),
    isOverloaded: (traffic) => isOverloaded(pollingLoad(pageTraffic(traffic))),
  },
];

function aDay({ pages, hoursADay }: Traffic, perPageAndSecond: Usage): Usage {
  return scaleUsage(perPageAndSecond, pages * hoursADay * 3_600);
}

/** Every heartbeat wakes the object, every change is sent to everyone at once. */
function naive(page: PageTraffic): Usage {
  const { visitors, joinsPerSecond } = page;
  const alarms = alarmsPerSecond(page);
  return {
    workerRequests: joinsPerSecond,
    workerCpuMs: joinsPerSecond * WORKER_CPU_MS,
    objectRequests: joinsPerSecond + alarms,
    objectMessages: visitors * HEARTBEATS_PER_SECOND,
    durationGbS: activeShare(broadcastLoad(page)) * BILLED_GB,
    rowsWritten: alarms,
  };
}

function alarmsPerSecond({ visitors }: PageTraffic): number {
  return chanceOfAny(visitors) / ALARM_S;
}

/** What one object is asked to do in a second. */
interface Load {
  readonly events: number;
  readonly sends: number;
}

function broadcastLoad(page: PageTraffic): Load {
  const { visitors, joinsPerSecond } = page;
  const changes = 2 * joinsPerSecond;
  return {
    events: changes + visitors * HEARTBEATS_PER_SECOND + alarmsPerSecond(page),
    sends: changes * visitors,
  };
}

function activeShare({ events, sends }: Load): number {
  return Math.min(1, events * EVENT_WALL_S + sends * SEND_WALL_S);
}

function isOverloaded({ events, sends }: Load): boolean {
  return events > MAX_EVENTS_PER_SECOND || sends * SEND_WALL_S > 1;
}

/** Billed for as long as anybody is on the page. */
function alwaysActive({ visitors, joinsPerSecond }: PageTraffic): Usage {
  return {
    workerRequests: joinsPerSecond,
    workerCpuMs: joinsPerSecond * WORKER_CPU_MS,
    objectRequests: joinsPerSecond,
    objectMessages: visitors * HEARTBEATS_PER_SECOND,
    durationGbS: chanceOfAny(visitors) * BILLED_GB,
    rowsWritten: 0,
  };
}

/** As fresh as heartbeats: each visitor says that they are there, and is told the number. */
function polling(page: PageTraffic): Usage {
  const requests = page.visitors * HEARTBEATS_PER_SECOND;
  return {
    ...NOTHING,
    workerRequests: requests,
    workerCpuMs: requests * WORKER_CPU_MS,
    objectRequests: requests,
    durationGbS: activeShare(pollingLoad(page)) * BILLED_GB,
  };
}

function pollingLoad({ visitors }: PageTraffic): Load {
  return { events: visitors * HEARTBEATS_PER_SECOND, sends: 0 };
}

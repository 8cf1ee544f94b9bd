import { READ_FRESH_MS } from "@visitor-tracker/protocol";
import {
  CALL_WALL_S,
  EVENT_WALL_S,
  READ_LOCATIONS,
  SEND_WALL_S,
  WORKER_CPU_MS,
} from "./assumptions.ts";
import { BILLED_GB } from "./prices.ts";
import {
  HEARTBEATS_PER_SECOND,
  alarmsPerSecond,
  broadcastWindowS,
  broadcasts,
  sweepsPerSecond,
  throttled,
  watchesPerSecond,
} from "./rates.ts";
import { callsPerSecond, changesPerShard, shardsOf } from "./shards.ts";
import { siteCountUsage } from "./site-count.ts";
import { type PageTraffic, type Traffic, pageTraffic } from "./traffic.ts";
import { NOTHING, type Usage, addUsage, scaleUsage } from "./usage.ts";

/** Where use comes from, in the order in which it is shown. */
export interface Parts {
  /** First joins and the leaves that end them. */
  readonly visits: Usage;
  /** Joins and leaves of tabs that were hidden and looked at again. */
  readonly returns: Usage;
  /** Heartbeats that look for visitors who vanished. */
  readonly sweeps: Usage;
  /** JSON heartbeats of contract clients, and the alarm that watches them. */
  readonly contractClients: Usage;
  /** Sending counts: free as messages, but the object is active meanwhile. */
  readonly counts: Usage;
  /** Calls between the objects of a page that is spread over several. */
  readonly shards: Usage;
  readonly reads: Usage;
  readonly siteCount: Usage;
}

/** For this long a location answers reads of a page by itself. */
const READ_FRESH_S = READ_FRESH_MS / 1_000;

/** What this product uses in a day with such traffic, by cause. Linear in none of it: see the parts. */
export function usageOfOurs(traffic: Traffic): Parts {
  const page = pageTraffic(traffic);
  const seconds = traffic.hoursADay * 3_600;
  const aDay = (perSecond: Usage): Usage => scaleUsage(perSecond, traffic.pages * seconds);
  const firstJoins = page.joinsPerSecond / (1 + traffic.returnsPerVisit);
  const visits = joins(firstJoins);
  const returns = joins(page.joinsPerSecond - firstJoins);
  const sweeps = messages(sweepsPerSecond(page));
  const contractClients = watching(page);
  const shards = shardCalls(page);
  const handlers = addUsage([visits, returns, sweeps, contractClients, shards]);
  return {
    visits: aDay(visits),
    returns: aDay(returns),
    sweeps: aDay(sweeps),
    contractClients: aDay(contractClients),
    counts: aDay(sending(page, handlers.durationGbS)),
    shards: aDay(shards),
    reads: scaleUsage(reads(traffic), seconds),
    siteCount: siteCountUsage(traffic),
  };
}

export function totalOf(parts: Parts): Usage {
  return addUsage(Object.values(parts));
}

/** A join is one request to the Worker and one to the object; the leave that follows is an event. */
function joins(perSecond: number): Usage {
  return {
    workerRequests: perSecond,
    workerCpuMs: perSecond * WORKER_CPU_MS,
    objectRequests: perSecond,
    objectMessages: 0,
    durationGbS: 2 * perSecond * EVENT_WALL_S * BILLED_GB,
    rowsWritten: 0,
  };
}

function messages(perSecond: number): Usage {
  return {
    ...NOTHING,
    objectMessages: perSecond,
    durationGbS: perSecond * EVENT_WALL_S * BILLED_GB,
  };
}

/** Each alarm is a request, and sets the next one: a row. The first is set and the last one deleted. */
function watching(page: PageTraffic): Usage {
  const contractVisitors = page.visitors * page.contractShare;
  const alarms = alarmsPerSecond(contractVisitors);
  const alarmUsage: Usage = {
    ...NOTHING,
    objectRequests: alarms,
    durationGbS: alarms * EVENT_WALL_S * BILLED_GB,
    rowsWritten: alarms + 2 * watchesPerSecond(page),
  };
  return addUsage([messages(contractVisitors * HEARTBEATS_PER_SECOND), alarmUsage]);
}

/** @param handlersGbS what the page's objects are active for anyway */
function sending(page: PageTraffic, handlersGbS: number): Usage {
  const shards = shardsOf(page);
  const connections = page.visitors / shards;
  const { perSecond, waitingShare } = broadcasts(
    changesPerShard(page, shards),
    broadcastWindowS(connections),
  );
  const handlers = Math.min(1, handlersGbS / (shards * BILLED_GB));
  const sends = Math.min(1, perSecond * connections * SEND_WALL_S);
  const activeShare = 1 - (1 - handlers) * (1 - waitingShare) * (1 - sends);
  return { ...NOTHING, durationGbS: Math.max(0, activeShare - handlers) * shards * BILLED_GB };
}

function shardCalls(page: PageTraffic): Usage {
  const calls = callsPerSecond(page, shardsOf(page));
  return {
    ...NOTHING,
    objectRequests: calls,
    durationGbS: 2 * calls * CALL_WALL_S * BILLED_GB,
  };
}

/** Every read is a request to the Worker; each location asks the object once in five seconds. */
function reads({ pages, readsPerSecond }: Traffic): Usage {
  const places = pages * READ_LOCATIONS;
  const calls = places * throttled(readsPerSecond / places, READ_FRESH_S);
  return {
    workerRequests: readsPerSecond,
    workerCpuMs: readsPerSecond * WORKER_CPU_MS,
    objectRequests: calls,
    objectMessages: 0,
    durationGbS: calls * EVENT_WALL_S * BILLED_GB,
    rowsWritten: 0,
  };
}

import { DEFAULT_LIMITS } from "@visitor-tracker/protocol";
import { broadcastIntervalMs } from "../../../worker/src/rules/broadcast-interval.ts";
import { reportIntervalMs } from "../../../worker/src/rules/report-interval.ts";
import { type UnitCosts, predictedCpuMs } from "./unit-costs.ts";

export interface PageLoad {
  readonly visitors: number;
  /** How long one stays. */
  readonly visitMs: number;
}

/** What a page with visitors who come and go takes, in each second. */
export interface PageModel {
  readonly shards: number;
  readonly visitorsPerShard: number;
  /** Joins, and as many leaves. */
  readonly joinsPerSecond: number;
  /** Time between two counts that a visitor is sent, while the number changes all the time. */
  readonly intervalMs: number;
  readonly messagesPerShard: number;
  /** Calls that the root answers and makes. */
  readonly callsAtRoot: number;
  /** Share of one core as measured, 0 to 1 and beyond. */
  readonly cpuPerShard: number;
  readonly bytesPerSecond: number;
  readonly mbPerShard: number;
}

/** A page in equilibrium: as many join as leave, and nobody is ever without a change. */
export function modelPage({ visitors, visitMs }: PageLoad, costs: UnitCosts): PageModel {
  const shards = shardsFor(visitors);
  const visitorsPerShard = visitors / shards;
  const joinsPerSecond = (visitors * 1_000) / visitMs;
  // A shard has something to tell when the root tells it something, and sends no faster than its own
  // interval; a page of one object hears of each change itself.
  const changeMs = shards === 1 ? 1_000 / (2 * joinsPerSecond) : reportIntervalMs(shards);
  const intervalMs = Math.max(broadcastIntervalMs(visitorsPerShard), changeMs);
  const messagesPerShard = (visitorsPerShard * 1_000) / intervalMs;
  const events = (2 * joinsPerSecond) / shards;
  return {
    shards,
    visitorsPerShard,
    joinsPerSecond,
    intervalMs,
    messagesPerShard,
    callsAtRoot: shards === 1 ? 0 : 2 * (shards - 1) * (1_000 / reportIntervalMs(shards)),
    cpuPerShard: predictedCpuMs({ events, sends: messagesPerShard }, costs) / 1_000,
    bytesPerSecond: shards * messagesPerShard * costs.bytesPerCount,
    mbPerShard: (visitorsPerShard * costs.kbPerSocket) / 1_024,
  };
}

const MOST_SHARDS = 64;

/** Shards that a page gets by the number of its visitors alone. */
function shardsFor(visitors: number): number {
  let shards = 1;
  while (fullest(visitors, shards) > DEFAULT_LIMITS.splitAtSockets && shards < MOST_SHARDS) {
    shards *= 4;
  }
  return shards;
}

/** Hashes spread visitors evenly, but not exactly: three standard deviations above the mean. */
function fullest(visitors: number, shards: number): number {
  const mean = visitors / shards;
  return shards === 1 ? mean : mean + 3 * Math.sqrt(mean);
}

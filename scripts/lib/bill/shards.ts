import { DEFAULT_LIMITS } from "@visitor-tracker/protocol";
import { sweepsPerSecond, throttled } from "./rates.ts";
import type { PageTraffic } from "./traffic.ts";

/** Numbers of objects that a page can be spread over. */
const SHARD_COUNTS = [1, 4, 16, 64] as const;

/** A page is spread when one object would have more than this. */
const { splitAtSockets, splitAtJoinsPerSecond } = DEFAULT_LIMITS;

/** A crowd comes and goes at random: its shards are now and then that many deviations above their mean. */
const DEVIATIONS = 3;

/** Least time between two reports of a shard, and between two words of the root to it. */
const MIN_REPORT_WINDOW_S = 0.25;
/** Reports a second that the root takes, beyond which they are spaced further. */
const REPORTS_PER_SECOND = 125;

/** Objects that one page is spread over. */
export function shardsOf({ visitors, joinsPerSecond }: PageTraffic): number {
  const fits = (shards: number): boolean => {
    const mean = visitors / shards;
    return (
      mean + DEVIATIONS * Math.sqrt(mean) <= splitAtSockets &&
      joinsPerSecond <= shards * splitAtJoinsPerSecond
    );
  };
  return SHARD_COUNTS.find(fits) ?? 64;
}

function reportWindowS(shards: number): number {
  return Math.max(MIN_REPORT_WINDOW_S, shards / REPORTS_PER_SECOND);
}

/** How often a shard learns of a changed total. */
export function changesPerShard({ joinsPerSecond }: PageTraffic, shards: number): number {
  const changesPerSecond = 2 * joinsPerSecond;
  return shards === 1 ? changesPerSecond : throttled(changesPerSecond, reportWindowS(shards));
}

/**
 * RPC calls a second between the objects of one page: every other shard reports its changes to the
 * root and is told the total, and a look for vanished visitors goes to all of them.
 */
export function callsPerSecond(page: PageTraffic, shards: number): number {
  if (shards === 1) return 0;
  const others = shards - 1;
  const ownChanges = (2 * page.joinsPerSecond) / shards;
  const reports = others * throttled(ownChanges, reportWindowS(shards));
  const informs = others * changesPerShard(page, shards);
  return reports + informs + sweepsPerSecond(page) * shards;
}

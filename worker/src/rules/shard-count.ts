import type { Limits } from "@visitor-tracker/protocol";
import { MAX_SHARDS } from "./shard-of.ts";

/** What one shard has to bear. */
export interface Load {
  readonly connections: number;
  /** In the last ten seconds. */
  readonly joins: number;
}

type Thresholds = Pick<Limits, "splitAtSockets" | "splitAtJoinsPerSecond" | "mergeAfterMs">;

export interface ShardCountOptions {
  readonly limits: Thresholds;
  /** Time since the page was last split or merged. */
  readonly ageMs: number;
}

/**
 * Over how many shards a page should be spread: four times as many when one shard bears too much, a
 * quarter when none would bear half of that then, else as many as it has.
 */
export function shardCount(loads: readonly Load[], options: ShardCountOptions): number {
  const { limits, ageMs } = options;
  const shards = loads.length;
  const fullness = loads.map((load) => fullnessOf(load, limits));
  if (shards < MAX_SHARDS && fullness.some((part) => part > 1)) return shards * 4;
  if (shards === 1 || ageMs < limits.mergeAfterMs) return shards;
  const merged = Array<number>(shards / 4).fill(0);
  for (const [index, part] of fullness.entries()) {
    merged[index % merged.length] = (merged[index % merged.length] ?? 0) + part;
  }
  return merged.every((part) => part < 0.5) ? merged.length : shards;
}

/** Above 1 when it is too much for one object. */
function fullnessOf({ connections, joins }: Load, limits: Thresholds): number {
  return Math.max(connections / limits.splitAtSockets, joins / (10 * limits.splitAtJoinsPerSecond));
}

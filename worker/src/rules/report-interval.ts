const MIN_INTERVAL_MS = 250;

/** A root takes about this many reports a second, of the 1,000 requests that one object can. */
const REPORTS_PER_SECOND = 125;

/** Least time between two reports of one shard, and between two words of the root to it. */
export function reportIntervalMs(shards: number): number {
  return Math.max(MIN_INTERVAL_MS, (shards / REPORTS_PER_SECOND) * 1_000);
}

/** Time until the next attempt after so many that failed in a row. */
export function retryIntervalMs(intervalMs: number, failures: number): number {
  return Math.min(5_000, Math.max(intervalMs, MIN_INTERVAL_MS) * 2 ** failures);
}

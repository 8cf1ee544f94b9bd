import { READ_FRESH_MS } from "@visitor-tracker/protocol";
import type { Config, Env } from "../env.ts";
import { pageCounter } from "../page.ts";
import { isRateLimited } from "../rate-limit.ts";
import { readThroughColoCache } from "./colo-cache.ts";
import { FreshReads, OwnError, type Reading } from "./fresh-reads.ts";

/** A megabyte of the longest keys. */
const MAX_PAGES_KEPT = 1_000;
/** Two calls to the cache each, of the 50 that a request has on the free plan. */
const MAX_COLO_CACHED_PAGES = 16;

const READS = new WeakMap<Env, FreshReads<number>>();

/** Too much was asked for one address. */
export class TooManyReads extends OwnError {}

/** A page that is split has a shard that cannot be reached: as an object's own error, it passes. */
class CountUnknown extends Error {
  readonly retryable = true;
}

export interface ReadOptions {
  readonly request: Request;
  readonly env: Env;
  readonly config: Config;
  /** Address of the Worker with its base path: `https://example.com/live`. */
  readonly base: string;
}

/** Counts of pages by key, each at most {@link READ_FRESH_MS} old; asks an object once meanwhile. */
export async function readPageCounts(
  keys: readonly string[],
  options: ReadOptions,
): Promise<ReadonlyMap<string, Reading<number>>> {
  const reads = readsOf(options.env);
  const readings = keys.map(async (key, index): Promise<[string, Reading<number>]> => {
    const ask = () => askObject(key, options);
    const url = `${options.base}/count/kept?page=${encodeURIComponent(key)}`;
    const isColoCached = index < MAX_COLO_CACHED_PAGES;
    const read = () => readThroughColoCache({ url, parse: parseCount, ask });
    return [key, await reads.read(key, isColoCached ? read : ask)];
  });
  return new Map(await Promise.all(readings));
}

function readsOf(env: Env): FreshReads<number> {
  const known = READS.get(env);
  if (known !== undefined) return known;
  const reads = new FreshReads<number>({ freshMs: READ_FRESH_MS, maxEntries: MAX_PAGES_KEPT });
  READS.set(env, reads);
  return reads;
}

async function askObject(key: string, options: ReadOptions): Promise<Reading<number>> {
  const { env, config } = options;
  await countRead(options);
  const value = await pageCounter(env, config, key).count();
  if (value === null) throw new CountUnknown(`a shard of ${key} cannot be reached`);
  return { value, readMs: Date.now() };
}

/**
 * To be called before an object is asked.
 * @throws TooManyReads
 */
export async function countRead({ request, env }: ReadOptions): Promise<void> {
  if (await isRateLimited(request, env.READ_LIMIT)) throw new TooManyReads();
}

function parseCount(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

import { READ_FRESH_MS } from "@visitor-tracker/protocol";
import type { Config, Env } from "../env.ts";
import { pageCounter } from "../page.ts";
import { readThroughColoCache } from "./colo-cache.ts";
import { FreshReads, type Reading } from "./fresh-reads.ts";

/** A megabyte of the longest keys. */
const MAX_PAGES_KEPT = 1_000;
/** Two calls each, and one to the object: within the 50 that a request has on the free plan. */
const MAX_COLO_CACHED_PAGES = 16;

const READS = new WeakMap<Env, FreshReads<number>>();

export interface ReadOptions {
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
    const url = `${options.base}/count?page=${encodeURIComponent(key)}`;
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

async function askObject(key: string, { env, config }: ReadOptions): Promise<Reading<number>> {
  const value = await pageCounter(env, config, key).count();
  return { value, readMs: Date.now() };
}

function parseCount(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

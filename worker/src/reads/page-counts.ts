import { READ_FRESH_MS } from "@visitor-tracker/protocol";
import type { Config, Env } from "../env.ts";
import { pageCounter } from "../page.ts";
import { readColoCache, writeColoCache } from "./colo-cache.ts";
import { FreshReads, type Reading, isWithin } from "./fresh-reads.ts";

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
    const isColoCached = index < MAX_COLO_CACHED_PAGES;
    const ask = () => (isColoCached ? askColo(key, options) : askObject(key, options));
    return [key, await reads.read(key, ask)];
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

async function askColo(key: string, options: ReadOptions): Promise<Reading<number>> {
  const url = `${options.base}/count?page=${encodeURIComponent(key)}`;
  const known = parseReading(await readColoCache(url));
  if (known !== null && isWithin(known.readMs, Date.now(), READ_FRESH_MS)) return known;
  const reading = await askObject(key, options);
  writeColoCache(url, reading, READ_FRESH_MS / 1_000);
  return reading;
}

async function askObject(key: string, { env, config }: ReadOptions): Promise<Reading<number>> {
  const value = await pageCounter(env, config, key).count();
  return { value, readMs: Date.now() };
}

/** Reads back what was written to the cache; null when it is not that. */
function parseReading(data: unknown): Reading<number> | null {
  if (typeof data !== "object" || data === null) return null;
  const { value, readMs }: { value?: unknown; readMs?: unknown } = data;
  return typeof value === "number" && typeof readMs === "number" ? { value, readMs } : null;
}

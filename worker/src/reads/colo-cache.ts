import { READ_FRESH_MS } from "@visitor-tracker/protocol";
import { waitUntil } from "cloudflare:workers";
import { isWithin } from "../rules/within.ts";
import type { Reading } from "./fresh-reads.ts";

export interface ColoCacheOptions<T> {
  /** Under this Worker's own address, so that nobody else can write there; nothing answers there. */
  readonly url: string;
  /** Parses what is kept; null for what is not a `T`. */
  readonly parse: (value: unknown) => T | null;
  readonly ask: () => Promise<Reading<T>>;
}

/**
 * A reading that the data center keeps for all isolates of this Worker, else one by `ask`, to be
 * kept. The cache is a help and no promise: on workers.dev it keeps nothing, and what fails there
 * counts as not kept. https://developers.cloudflare.com/workers/runtime-apis/cache/
 */
export async function readThroughColoCache<T>(options: ColoCacheOptions<T>): Promise<Reading<T>> {
  const { url, parse, ask } = options;
  const kept = parseReading(await match(url), parse);
  if (kept !== null && isWithin(kept.readMs, Date.now(), READ_FRESH_MS)) return kept;
  const reading = await ask();
  waitUntil(put(url, reading));
  return reading;
}

async function match(url: string): Promise<unknown> {
  try {
    const response = await caches.default.match(url);
    return response === undefined ? null : await response.json();
  } catch (error) {
    console.warn(error);
    return null;
  }
}

async function put(url: string, reading: unknown): Promise<void> {
  const headers = { "Cache-Control": `public, max-age=${READ_FRESH_MS / 1_000}` };
  try {
    await caches.default.put(url, Response.json(reading, { headers }));
  } catch (error) {
    console.warn(error);
  }
}

function parseReading<T>(data: unknown, parse: (value: unknown) => T | null): Reading<T> | null {
  if (typeof data !== "object" || data === null) return null;
  const { value, readMs }: { value?: unknown; readMs?: unknown } = data;
  const parsed = parse(value);
  return parsed !== null && typeof readMs === "number" ? { value: parsed, readMs } : null;
}

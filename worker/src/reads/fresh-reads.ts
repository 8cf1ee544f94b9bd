import { waitUntil } from "cloudflare:workers";
import { isWithin } from "../rules/within.ts";

/** What was read, and when. */
export interface Reading<T> {
  readonly value: T;
  /** Milliseconds since the epoch. */
  readonly readMs: number;
}

export interface FreshReadsOptions {
  /** How long a reading is good for. */
  readonly freshMs: number;
  /** What was read longest ago is forgotten beyond it. */
  readonly maxEntries: number;
}

/** An error of the one who asks, and not of what is asked: others who wait for it ask themselves. */
export class OwnError extends Error {}

type Entry<T> =
  | { readonly state: "known"; readonly reading: Reading<T> }
  | { readonly state: "asked"; readonly sinceMs: number }
  | { readonly state: "failed"; readonly sinceMs: number; readonly error: Error };

/** Whoever asks for longer than this is taken to have been cut off, and another one asks. */
const ASK_MS = 5_000;
/** Who comes within this after a failure is told of it, instead of asking an object in trouble. */
const FAILED_MS = 1_000;
const FIRST_WAIT_MS = 4;
const LAST_WAIT_MS = 32;

/**
 * What this isolate has read a moment ago, so that many readers cost one question. Keeps values and
 * never promises: a request must not await what another one has begun
 * (https://developers.cloudflare.com/workers/observability/errors/#cannot-perform-io-on-behalf-of-a-different-request),
 * so whoever comes while another one asks looks again a few milliseconds later.
 */
export class FreshReads<T> {
  readonly #freshMs: number;
  readonly #maxEntries: number;
  /** The one that was written longest ago first. */
  readonly #entries = new Map<string, Entry<T>>();

  constructor({ freshMs, maxEntries }: FreshReadsOptions) {
    this.#freshMs = freshMs;
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * The fresh reading of `key`, by `ask` when there is none.
   * @param ask called once however many read the key meanwhile. Its reading may be from before.
   * @throws what `ask` threw, to all who wait for it unless it is an {@link OwnError}
   */
  async read(key: string, ask: () => Promise<Reading<T>>): Promise<Reading<T>> {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LAST_WAIT_MS)) {
      const entry = this.#entries.get(key);
      const nowMs = Date.now();
      if (entry?.state === "known" && isWithin(entry.reading.readMs, nowMs, this.#freshMs)) {
        return entry.reading;
      }
      if (entry?.state === "failed" && isWithin(entry.sinceMs, nowMs, FAILED_MS)) throw entry.error;
      if (entry?.state !== "asked" || !isWithin(entry.sinceMs, nowMs, ASK_MS)) {
        const reading = this.#ask(key, ask);
        // Others wait for it, also when the one who asked has hung up.
        waitUntil(reading.catch(() => undefined));
        return reading;
      }
      await scheduler.wait(waitMs);
    }
  }

  async #ask(key: string, ask: () => Promise<Reading<T>>): Promise<Reading<T>> {
    this.#write(key, { state: "asked", sinceMs: Date.now() });
    try {
      const { value, readMs } = await ask();
      // The clock of whoever read it may be ahead of this one.
      const reading = { value, readMs: Math.min(readMs, Date.now()) };
      this.#write(key, { state: "known", reading });
      return reading;
    } catch (thrown) {
      if (thrown instanceof OwnError) {
        this.#entries.delete(key);
        throw thrown;
      }
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      this.#write(key, { state: "failed", sinceMs: Date.now(), error });
      throw error;
    }
  }

  #write(key: string, entry: Entry<T>): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size <= this.#maxEntries) return;
    for (const [oldest] of this.#entries) {
      this.#entries.delete(oldest);
      return;
    }
  }
}

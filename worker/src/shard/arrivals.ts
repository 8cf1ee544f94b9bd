import { isWithin } from "../rules/within.ts";
import { PEER_TIMEOUT_MS } from "./peer.ts";

/** Arrivals of this time are released together. */
const GATHER_MS = 100;

export interface ArrivalsOptions {
  /** Has the shard `from` stop counting visitors whom the statement of this one includes. */
  readonly release: (from: number, visitors: readonly string[]) => Promise<void>;
  /** Runs work while this shard reports nothing. */
  readonly exclusively: (work: () => Promise<void>) => Promise<void>;
  /** Is called when some are counted without having been released. */
  readonly changed: () => void;
}

interface Arrival {
  readonly from: number;
  readonly sinceMs: number;
}

/**
 * Visitors who came here while the page is split or merged, and whom another shard may still count:
 * this one does not, until that one has let go of them. Holds a timer only then.
 */
export class Arrivals {
  readonly #options: ArrivalsOptions;
  readonly #waiting = new Map<string, Arrival>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isReleasing = false;

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /** @param from the shard that may count the visitor */
  add(visitor: string, from: number, nowMs: number): void {
    this.#waiting.set(visitor, { from, sinceMs: nowMs });
    this.#schedule();
  }

  /** Visitors who are not counted here yet. */
  visitors(): IterableIterator<string> {
    return this.#waiting.keys();
  }

  /** All are in their place: nobody else counts them. */
  clear(): void {
    if (this.#waiting.size === 0) return;
    this.#waiting.clear();
    this.#options.changed();
  }

  #schedule(): void {
    if (this.#timer !== null || this.#isReleasing || this.#waiting.size === 0) return;
    this.#timer = setTimeout(() => void this.#onTimer(), GATHER_MS);
  }

  async #onTimer(): Promise<void> {
    this.#timer = null;
    this.#isReleasing = true;
    const groups = Map.groupBy(this.#waiting, ([, { from }]) => from);
    for (const [from, arrivals] of groups) {
      await this.#options.exclusively(() => this.#release(from, arrivals));
      this.#options.changed();
    }
    this.#isReleasing = false;
    this.#schedule();
  }

  async #release(from: number, arrivals: readonly [string, Arrival][]): Promise<void> {
    const visitors = arrivals.map(([visitor]) => visitor);
    try {
      await this.#options.release(from, visitors);
      for (const [visitor, arrival] of arrivals) this.#settle(visitor, arrival);
    } catch (error) {
      console.error("visitors could not be released:", error);
      const nowMs = Date.now();
      for (const [visitor, arrival] of arrivals) {
        if (!isWithin(arrival.sinceMs, nowMs, PEER_TIMEOUT_MS)) this.#settle(visitor, arrival);
      }
    }
  }

  /** Unless the page was split or merged once more meanwhile. */
  #settle(visitor: string, arrival: Arrival): void {
    if (this.#waiting.get(visitor) === arrival) this.#waiting.delete(visitor);
  }
}

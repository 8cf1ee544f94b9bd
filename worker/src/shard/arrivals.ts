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
    const groups = Map.groupBy(this.#waiting.keys(), (visitor) => this.#waiting.get(visitor)?.from);
    for (const [from = 0, visitors] of groups) {
      await this.#options.exclusively(() => this.#release(from, visitors));
    }
    this.#isReleasing = false;
    this.#schedule();
  }

  async #release(from: number, visitors: readonly string[]): Promise<void> {
    try {
      await this.#options.release(from, visitors);
      for (const visitor of visitors) this.#waiting.delete(visitor);
    } catch (error) {
      console.error("visitors could not be released:", error);
      const patientMs = Date.now() - PEER_TIMEOUT_MS;
      for (const visitor of visitors) {
        const arrival = this.#waiting.get(visitor);
        if (arrival !== undefined && arrival.sinceMs <= patientMs) this.#waiting.delete(visitor);
      }
      this.#options.changed();
    }
  }
}

import { reportIntervalMs, retryIntervalMs } from "../rules/report-interval.ts";
import { remainingMs } from "../rules/within.ts";
import { type Peer, type Statement, type View, answer } from "./peer.ts";

export interface InformerOptions {
  readonly peer: (index: number) => Peer;
  readonly view: () => View;
  /** Shards that are not to be left alone. */
  readonly due: () => readonly number[];
  /** Whether to look again later, though none is due. */
  readonly isWatching: () => boolean;
  /** Takes what a shard says in return. */
  readonly hear: (statement: Statement) => void;
}

/**
 * Tells shards what the root knows: the first news at once, later news together when the interval
 * is over, until they have answered. Holds a timer only then.
 */
export class Informer {
  readonly #options: InformerOptions;
  /** The newest that each shard was told. */
  readonly #told = new Map<number, View>();
  readonly #underWay = new Map<number, Promise<void>>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #sentAtMs = 0;
  #failures = 0;

  constructor(options: InformerOptions) {
    this.#options = options;
  }

  /** To be called when there may be news. */
  schedule(): void {
    if (this.#timer !== null) return;
    if (!this.#options.isWatching() && this.#idle().length === 0) return;
    const interval = reportIntervalMs(this.#options.view().layout.shards);
    const pause = this.#failures === 0 ? interval : retryIntervalMs(interval, this.#failures);
    const waitMs = remainingMs(this.#sentAtMs, Date.now(), pause);
    this.#timer = setTimeout(() => this.#onTimer(), waitMs);
  }

  /** Informs one shard, unless that is under way. Never rejects: it is tried again later. */
  inform(index: number): Promise<void> {
    const known = this.#underWay.get(index);
    if (known !== undefined) return known;
    const asked = this.#ask(index);
    this.#underWay.set(index, asked);
    return asked;
  }

  /** Whether a shard knows this. */
  knows(index: number, view: View): boolean {
    const told = this.#told.get(index);
    return told !== undefined && wordOf(told) === wordOf(view);
  }

  /** To be called when a shard was given this in an answer. */
  note(index: number, view: View): void {
    const told = this.#told.get(index);
    // The answer to a report may have overtaken this: the shard believes that, which is newer.
    if (told === undefined || told.seq < view.seq) this.#told.set(index, view);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#told.clear();
  }

  #idle(): number[] {
    return this.#options.due().filter((index) => !this.#underWay.has(index));
  }

  #onTimer(): void {
    this.#timer = null;
    this.#sentAtMs = Date.now();
    for (const index of this.#idle()) void this.inform(index);
    this.schedule();
  }

  async #ask(index: number): Promise<void> {
    const { peer, view, hear } = this.#options;
    const news = view();
    // Until it answers it may know this or what it knew before.
    this.#told.delete(index);
    try {
      const statement = await answer(peer(index).inform(news));
      this.#underWay.delete(index);
      this.#failures = 0;
      this.note(index, news);
      if (statement === null) this.schedule();
      else hear(statement);
    } catch (error) {
      console.error(`shard ${index} could not be informed:`, error);
      this.#underWay.delete(index);
      this.#failures++;
      this.schedule();
    }
  }
}

function wordOf({ layout: { version, from }, total }: View): string {
  return `${version} ${from} ${total}`;
}

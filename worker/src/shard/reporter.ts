import { retryIntervalMs } from "../rules/report-interval.ts";
import { remainingMs } from "../rules/within.ts";
import { type Statement, type View, answer } from "./peer.ts";

export interface ReporterOptions {
  readonly statement: () => Statement;
  readonly send: (statements: Statement[]) => Promise<View>;
  readonly receive: (view: View) => void;
  /** Least time between two reports of changes. */
  readonly intervalMs: () => number;
}

/**
 * Keeps the root informed of one shard: the first change at once, later ones together when the
 * interval is over, until the root has answered. Statements leave one after the other, since a
 * visitor who moves must not be missing in one that overtakes another.
 */
export class Reporter {
  readonly #options: ReporterOptions;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #sentAtMs = 0;
  #failures = 0;
  /** Statements of other shards that must reach the root with the next of this one. */
  #passed: Statement[] = [];
  /** The report that has not begun. */
  #next: Promise<void> | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #underWay = 0;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** To be called when the statement changed. */
  changed(): void {
    if (this.#timer !== null) return;
    const { intervalMs } = this.#options;
    const interval =
      this.#failures === 0 ? intervalMs() : retryIntervalMs(intervalMs(), this.#failures);
    const waitMs = remainingMs(this.#sentAtMs, Date.now(), interval);
    if (waitMs === 0) this.#attempt();
    else this.#timer = setTimeout(() => this.#onTimer(), waitMs);
  }

  /**
   * Reports, and receives the root's answer. Those who ask before it has begun share one.
   * @throws when the root cannot be reached
   */
  report(): Promise<void> {
    this.#next ??= this.exclusively(() => {
      this.#next = null;
      return this.#report();
    });
    return this.#next;
  }

  /** Reports another shard's statement together with this one's. */
  pass(statement: Statement): Promise<void> {
    this.#passed.push(statement);
    return this.report();
  }

  /** Whether a statement is on its way to the root, or is about to be. */
  get isBusy(): boolean {
    return this.#underWay > 0 || this.#passed.length > 0;
  }

  /** Waits for what is under way, whatever comes of it. */
  async idle(): Promise<void> {
    await this.#last;
  }

  /** Runs `work` while no report is under way. */
  exclusively(work: () => Promise<void>): Promise<void> {
    this.#underWay++;
    const turn = this.#last.then(work).finally(() => this.#underWay--);
    this.#last = turn.catch(() => {});
    return turn;
  }

  #onTimer(): void {
    this.#timer = null;
    this.#attempt();
  }

  #attempt(): void {
    this.report().catch((error: unknown) => console.error("a report failed:", error));
  }

  async #report(): Promise<void> {
    const { statement, send, receive } = this.#options;
    this.#sentAtMs = Date.now();
    const passed = this.#passed;
    this.#passed = [];
    try {
      receive(await answer(send([statement(), ...passed])));
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      this.#passed = [...passed, ...this.#passed];
      this.changed();
      throw error;
    }
  }
}

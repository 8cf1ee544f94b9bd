import { setTimeout as wait } from "node:timers/promises";
import { allClosed } from "./browser.ts";
import { type ClientName, JOIN } from "./visitors.ts";

export interface CrowdOptions {
  readonly port: number;
  /** An absolute URL. */
  readonly page: string;
  readonly clients: ClientName;
  /** @default 20_000 */
  readonly heartbeatMs?: number | undefined;
  /** How long the crowd may take to agree on a count, in milliseconds. @default 60_000 */
  readonly patienceMs?: number;
}

/** Visitors of one page, each with an id and a connection of its own. */
export class Crowd {
  readonly #options: CrowdOptions;
  readonly #leave: (() => void)[] = [];
  /** What each visitor was told last, by its place in `#leave`. */
  readonly #told: (number | undefined)[] = [];
  readonly #tally = new Map<number, number>();
  #check = (): void => {};

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  /** Joins that many, one after the other, evenly over `spreadMs`. Does not wait for answers. */
  async join(visitors: number, { spreadMs }: { readonly spreadMs: number }): Promise<void> {
    const startedMs = performance.now();
    for (let done = 1; done <= visitors; done++) {
      this.#add();
      const dueMs = startedMs + (spreadMs * done) / visitors;
      if (dueMs > performance.now()) await wait(dueMs - performance.now());
    }
  }

  /** How many visitors were told which count last. */
  get tally(): ReadonlyMap<number, number> {
    return this.#tally;
  }

  /** Whether the last thing that every visitor was told is their number. */
  get isRight(): boolean {
    return this.#tally.get(this.#leave.length) === this.#leave.length;
  }

  /**
   * Waits until {@link isRight}.
   * @throws Error with what they were told, when that takes longer than `patienceMs`
   */
  async agree(): Promise<void> {
    const { patienceMs = 60_000 } = this.#options;
    const agreed = new Promise<void>((resolve) => {
      this.#check = () => {
        if (this.isRight) resolve();
      };
      this.#check();
    });
    const timer = new AbortController();
    const late = wait(patienceMs, "late", { signal: timer.signal }).catch(() => "agreed");
    if ((await Promise.race([agreed, late])) === "late") throw new Error(this.#explain());
    timer.abort();
  }

  /** The one who came last leaves. */
  dismissLast(): void {
    const visitor = this.#leave.length - 1;
    this.#retell(visitor, undefined);
    this.#leave.pop()?.();
    this.#check();
  }

  /** Everybody leaves. Resolves when all connections have ended. */
  async leave(): Promise<void> {
    const closed = allClosed();
    for (const leave of this.#leave.splice(0)) leave();
    await closed;
  }

  #add(): void {
    const visitor = this.#leave.length;
    const { port, page, clients, heartbeatMs } = this.#options;
    const onCount = (count: number): void => this.#retell(visitor, count);
    this.#leave.push(JOIN[clients]({ port, page, heartbeatMs, onCount }));
  }

  #retell(visitor: number, count: number | undefined): void {
    const before = this.#told[visitor];
    if (before !== undefined) this.#tally.set(before, (this.#tally.get(before) ?? 0) - 1);
    this.#told[visitor] = count;
    if (count !== undefined) this.#tally.set(count, (this.#tally.get(count) ?? 0) + 1);
    this.#check();
  }

  #explain(): string {
    const told = [...this.#tally].filter(([, visitors]) => visitors > 0);
    const list = told.map(([count, visitors]) => `${visitors} were told ${count}`).join(", ");
    return `${this.#leave.length} visitors are here, but ${list === "" ? "none was told" : list}`;
  }
}

import { setTimeout as wait } from "node:timers/promises";
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

/** One of a {@link Crowd}. */
export interface Visitor {
  /** The count that they were told last. */
  readonly told: number | undefined;
  leave(): void;
}

/** Visitors of one page, each with an id and a connection of its own. */
export class Crowd {
  readonly #options: CrowdOptions;
  readonly #visitors = new Set<Visitor>();
  /** How many of them were told which count last. */
  readonly #tally = new Map<number, number>();
  #check = (): void => {};

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#visitors.size;
  }

  /** Whether the last thing that every visitor was told is their number. */
  get isRight(): boolean {
    return (this.#tally.get(this.size) ?? 0) === this.size;
  }

  /** One more visitor joins. Does not wait for an answer. */
  add(): Visitor {
    let told: number | undefined;
    const { port, page, clients, heartbeatMs } = this.#options;
    const onCount = (count: number): void => {
      if (!this.#visitors.has(visitor)) return;
      this.#move(told, count);
      told = count;
    };
    const leave = JOIN[clients]({ port, page, heartbeatMs, onCount });
    const visitor: Visitor = {
      get told() {
        return told;
      },
      leave: () => {
        if (!this.#visitors.delete(visitor)) return;
        leave();
        this.#move(told, undefined);
      },
    };
    this.#visitors.add(visitor);
    return visitor;
  }

  /** Joins that many, one after the other, evenly over `spreadMs`. */
  async join(visitors: number, { spreadMs }: { readonly spreadMs: number }): Promise<void> {
    const startedMs = performance.now();
    for (let done = 1; done <= visitors; done++) {
      this.add();
      const dueMs = startedMs + (spreadMs * done) / visitors;
      if (dueMs > performance.now()) await wait(dueMs - performance.now());
    }
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

  /** Everybody leaves. */
  leave(): void {
    for (const visitor of this.#visitors) visitor.leave();
  }

  #move(from: number | undefined, to: number | undefined): void {
    if (from !== undefined) this.#tally.set(from, (this.#tally.get(from) ?? 0) - 1);
    if (to !== undefined) this.#tally.set(to, (this.#tally.get(to) ?? 0) + 1);
    this.#check();
  }

  #explain(): string {
    const told = [...this.#tally].filter(([, visitors]) => visitors > 0);
    const list = told.map(([count, visitors]) => `${visitors} were told ${count}`).join(", ");
    return `${this.size} visitors are here, but ${list === "" ? "none was told" : list}`;
  }
}

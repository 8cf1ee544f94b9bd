import type { VisitorStatus } from "../../client/src/index.ts";

/** Between two visitors of a crowd: they come fast, but not as one. */
const SPACING_MS = 50;

/** Why the server let somebody not in. */
export interface Refusal {
  readonly message: string;
  /** When to ask again. */
  readonly retryAfterMs: number;
}

export interface CrowdOptions {
  /** Opens one more visitor's connection. Returns what ends it. */
  readonly join: (heard: (status: VisitorStatus) => void) => () => void;
  /** How long the next has to wait for the server's limits. */
  readonly waitMs: () => number;
  /** Asks the server why it let somebody not in. */
  readonly ask: () => Promise<Refusal>;
  readonly changed: () => void;
}

/** Many visitors of one page, who come as fast as the server lets them in. */
export class Crowd {
  /** How many are to come; 0 when there is no crowd. */
  size = 0;
  /** What the server said when it let somebody not in, until it lets them in. */
  refusal: string | undefined;
  /** When the next comes, where that takes longer: milliseconds since the epoch. */
  nextAtMs: number | undefined;
  readonly #options: CrowdOptions;
  readonly #members = new Map<symbol, () => void>();
  readonly #here = new Set<symbol>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  /** How many of them are counted. */
  get here(): number {
    return this.#here.size;
  }

  invite(size: number): void {
    this.size = size;
    this.#next();
  }

  dismiss(): void {
    clearTimeout(this.#timer);
    for (const leave of this.#members.values()) leave();
    this.#members.clear();
    this.#here.clear();
    this.size = 0;
    this.nextAtMs = this.refusal = undefined;
    this.#options.changed();
  }

  #next(): void {
    this.nextAtMs = undefined;
    const waitMs = this.#options.waitMs();
    if (this.#members.size < this.size && !this.#isAsking) {
      if (waitMs > 0) this.#after(waitMs);
      else this.#join();
    }
    this.#options.changed();
  }

  #after(ms: number): void {
    clearTimeout(this.#timer);
    if (ms > SPACING_MS) this.nextAtMs = Date.now() + ms;
    this.#timer = setTimeout(() => this.#next(), ms);
  }

  #join(): void {
    const member = Symbol("member");
    const leave = this.#options.join((status) => this.#heard(member, status));
    this.#members.set(member, leave);
    this.#after(SPACING_MS);
  }

  #heard(member: symbol, status: VisitorStatus): void {
    if (status === "live") {
      // Those who were here hear each new number, which says nothing of who comes next.
      if (!this.#here.has(member)) this.refusal = undefined;
      this.#here.add(member);
    } else if (status === "retrying" && !this.#here.has(member)) {
      // Its client would try again and again, as would all others that are refused now.
      this.#members.get(member)?.();
      this.#members.delete(member);
      void this.#askWhy();
    }
    this.#options.changed();
  }

  async #askWhy(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    clearTimeout(this.#timer);
    const { message, retryAfterMs } = await this.#options.ask();
    this.#isAsking = false;
    if (this.size === 0) return;
    this.refusal = message;
    this.#after(retryAfterMs);
    this.#options.changed();
  }
}

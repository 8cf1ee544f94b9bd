import { createHash, randomUUID } from "node:crypto";
import { CLOSE_MOVED, PING } from "@visitor-tracker/protocol";
import { Visitor, type VisitorOptions } from "./visitor.ts";

/** The shard where a visitor belongs, by the words of docs/design/sharding.md. */
export function homeOf(page: string, userId: string, shards: number): number {
  const hash = createHash("sha256").update(`${page}\n${userId}`).digest().readBigUInt64BE(0);
  return Number(hash % BigInt(shards));
}

/** A visitor who follows the page from shard to shard, and writes down everything it is told. */
export class Follower {
  readonly options: VisitorOptions & { readonly userId: string };
  /** Every count, over all connections. */
  readonly counts: number[] = [];
  /** How often it has come to another shard and was told a count there. */
  moves = 0;
  readonly #first: Visitor;
  #visitor: Visitor;
  #hasLeft = false;
  #waiting = new Set<() => void>();

  private constructor(options: Follower["options"], visitor: Visitor) {
    this.options = options;
    this.#first = visitor;
    this.#visitor = visitor;
    this.#listen(visitor);
  }

  static async join(options: VisitorOptions): Promise<Follower> {
    const all = { userId: randomUUID(), ...options };
    return new Follower(all, await Visitor.join(all));
  }

  /** Waits until the last of its counts is this one. */
  sees(count: number): Promise<void> {
    return this.until(() => this.counts.at(-1) === count);
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  ping(): void {
    this.#visitor.socket.send(PING);
  }

  async leave(): Promise<void> {
    this.#hasLeft = true;
    await this.#visitor.leave(1000);
  }

  #listen(visitor: Visitor): void {
    // As real clients do. workerd 1.20261102.1 does not end the connection of one that it closed
    // and that never sent anything, until the object hibernates.
    visitor.socket.send(PING);
    let heard = 0;
    const read = (): void => {
      const { counts } = visitor;
      if (heard === 0 && counts.length > 0 && visitor !== this.#first) this.moves++;
      for (; heard < counts.length; heard++) this.counts.push(counts[heard] ?? -1);
      this.#wake();
    };
    visitor.socket.on("message", read);
    read();
    void visitor.closed.then(([code]) => this.#onClose(code));
  }

  async #onClose(code: number): Promise<void> {
    if (this.#hasLeft || code !== CLOSE_MOVED) return;
    this.#visitor = await Visitor.join(this.options);
    this.#listen(this.#visitor);
    if (this.#hasLeft) await this.#visitor.leave(1000);
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

import { type Statement, isNewer } from "./peer.ts";

/** The last statement of each shard of a page. The total is their sum, so it is kept as one. */
export class Ledger {
  readonly #statements = new Map<number, Statement>();
  readonly #heardAtMs = new Map<number, number>();

  apply(statement: Statement, nowMs: number): void {
    if (!isNewer(statement, this.#statements.get(statement.index))) return;
    this.#statements.set(statement.index, statement);
    this.#heardAtMs.set(statement.index, nowMs);
  }

  /** Knows of a shard that it has nobody, until it speaks for itself. */
  seed(index: number): void {
    if (this.#statements.has(index)) return;
    const nothing = { start: "", seq: 0, version: 0, visitors: 0 };
    const empty = { ...nothing, connections: 0, misplaced: 0, joins: 0 };
    this.#statements.set(index, { index, ...empty });
  }

  get(index: number): Statement | undefined {
    return this.#statements.get(index);
  }

  /** Milliseconds since the epoch; 0 for never. */
  heardAtMs(index: number): number {
    return this.#heardAtMs.get(index) ?? 0;
  }

  /** Distinct visitors; null when one of the first `shards` has not been heard of. */
  total(shards: number): number | null {
    for (let index = 0; index < shards; index++) {
      if (!this.#statements.has(index)) return null;
    }
    let total = 0;
    for (const { visitors } of this.#statements.values()) total += visitors;
    return total;
  }

  clear(): void {
    this.#statements.clear();
    this.#heardAtMs.clear();
  }
}

const KEPT_SECONDS = 10;

/** How many joined in the last seconds, up to ten of them. */
export class JoinMeter {
  readonly #joins = new Map<number, number>();

  add(nowMs: number): void {
    const second = Math.floor(nowMs / 1_000);
    this.#joins.set(second, (this.#joins.get(second) ?? 0) + 1);
    for (const known of this.#joins.keys()) {
      // One that is ahead was there before the clock was set back.
      if (known <= second - KEPT_SECONDS || known > second) this.#joins.delete(known);
    }
  }

  /** @param seconds the current one included */
  within(seconds: number, nowMs: number): number {
    const current = Math.floor(nowMs / 1_000);
    let joins = 0;
    for (const [second, count] of this.#joins) {
      if (second > current - seconds && second <= current) joins += count;
    }
    return joins;
  }
}

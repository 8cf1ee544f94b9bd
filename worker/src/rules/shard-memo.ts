/** Most pages that one isolate remembers; each is a popular one. */
const MAX_PAGES = 10_000;

/** How many shards pages have, as far as is known. */
export class ShardMemo {
  readonly #shards = new Map<string, number>();

  /** 1 for a page that is not known. */
  get(key: string): number {
    return this.#shards.get(key) ?? 1;
  }

  set(key: string, shards: number): void {
    this.#shards.delete(key);
    if (shards === 1) return;
    this.#shards.set(key, shards);
    if (this.#shards.size <= MAX_PAGES) return;
    const [oldest = key] = this.#shards.keys();
    this.#shards.delete(oldest);
  }
}

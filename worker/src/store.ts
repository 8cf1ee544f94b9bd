import { type Layout, isWhole, parseLayout } from "./shard/layout.ts";

const LAYOUT = "layout";

/**
 * What the object stores: one alarm while it has to watch a client or owes its site a report, and at
 * the root of a page that is split, how. Otherwise nothing: an object that stores nothing costs nothing.
 */
export class Store {
  readonly #storage: DurableObjectStorage;
  #layout: Layout;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#layout = parseLayout(storage.kv.get(LAYOUT));
  }

  get layout(): Layout {
    return this.#layout;
  }

  /** @throws when the platform refuses the write */
  setLayout(layout: Layout): void {
    if (isWhole(layout)) this.#storage.kv.delete(LAYOUT);
    else this.#storage.kv.put(LAYOUT, layout);
    this.#layout = layout;
  }

  /**
   * Sets the one alarm, unless it comes sooner anyway.
   * @throws when the platform refuses the write, for example beyond the rows of a free plan
   */
  async setAlarmBy(ms: number): Promise<void> {
    const setMs = await this.#storage.getAlarm();
    if (setMs === null || setMs > ms) await this.#storage.setAlarm(ms);
  }

  /** Stores no alarm any more, and nothing at all when the page is whole. */
  async clearAlarm(): Promise<void> {
    await (isWhole(this.#layout) ? this.#storage.deleteAll() : this.#storage.deleteAlarm());
  }
}

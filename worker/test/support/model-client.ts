import { CLOSE_MOVED } from "@visitor-tracker/protocol";
import { shardOf } from "../../src/rules/shard-of.ts";
import { type ModelObject, ModelSocket, type PageModel, sleep } from "./page-model.ts";

/** A tab of a visitor, or an observer, who follows the page from shard to shard. */
export class ModelClient {
  readonly hash: string;
  readonly isObserver: boolean;
  /** Every count that it was told. */
  readonly counts: number[] = [];
  moves = 0;
  readonly #page: PageModel;
  #place: { readonly object: ModelObject; readonly socket: ModelSocket } | null = null;
  #hasLeft = false;

  constructor(page: PageModel, hash: string, { isObserver = false } = {}) {
    this.#page = page;
    this.hash = hash;
    this.isObserver = isObserver;
    void this.#join();
  }

  get isConnected(): boolean {
    return this.#place !== null;
  }

  leave(): void {
    this.#hasLeft = true;
    const place = this.#place;
    this.#place = null;
    place?.object.leave(place.socket);
  }

  async #join(): Promise<void> {
    const { memos, options } = this.#page;
    const memo = Math.floor(options.random() * memos.length);
    while (!this.#hasLeft && this.#place === null) {
      await sleep(options.network.delayMs());
      const shards = memos[memo] ?? 1;
      const object = this.#page.object(shardOf(this.hash, shards));
      const socket: ModelSocket = new ModelSocket(
        this.isObserver ? null : this.hash,
        this.counts,
        (code) => this.#onClose(socket, code),
      );
      try {
        const other = await object.join(socket, shards);
        if (other === null) this.#place ??= { object, socket };
        else memos[memo] = other;
      } catch {
        await sleep(1_000);
      }
    }
    if (this.#hasLeft) this.leave();
  }

  #onClose(socket: ModelSocket, code: number): void {
    if (this.#place?.socket !== socket) return;
    this.#place = null;
    if (code === CLOSE_MOVED) this.moves++;
    void this.#comeBack();
  }

  async #comeBack(): Promise<void> {
    await sleep(this.#page.options.random() * 1_000);
    await this.#join();
  }
}

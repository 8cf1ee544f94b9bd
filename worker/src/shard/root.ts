import type { Limits } from "@visitor-tracker/protocol";
import { type Load, shardCount } from "../rules/shard-count.ts";
import { isWithin } from "../rules/within.ts";
import type { Store } from "../store.ts";
import { Informer } from "./informer.ts";
import { type Layout, isWhole } from "./layout.ts";
import { Ledger } from "./ledger.ts";
import { type Peer, Stamps, type Statement, type View, answer } from "./peer.ts";
import type { Shard } from "./shard.ts";

/** A shard that still has visitors to move is asked how it gets on when it says nothing. */
const SILENCE_MS = 2_000;

/** A statement tells of joins in the last ten seconds, and nothing of them later. */
const JOINS_AGE_MS = 10_000;

/** An alarm that is later than this is not the one that was set for a merge. */
const ALARM_DELAY_MS = 20_000;

/** After the platform refused to store a layout, for example beyond the rows of a free plan. */
const STORE_RETRY_MS = 60_000;

export interface RootOptions {
  readonly store: Store;
  readonly limits: Limits;
  readonly peer: (index: number) => Peer;
  /** The shard that the root itself is. */
  readonly shard: Shard;
  /** Is called when the page was split, merged or is at rest again. */
  readonly changed: () => void;
}

/**
 * What the first object of a page does for the others: it adds up what they say, has them told, and
 * decides how many they are. Does nothing as long as the page is whole.
 */
export class Root {
  readonly #options: RootOptions;
  readonly #ledger = new Ledger();
  readonly #stamps = new Stamps();
  readonly #informer: Informer;
  #storeAgainMs = 0;

  constructor(options: RootOptions) {
    this.#options = options;
    this.#informer = new Informer({
      peer: options.peer,
      view: () => this.#view(),
      due: () => this.#due(),
      // While visitors move, it is looked again and again whether all goes well.
      isWatching: () => this.layout.from !== null,
      hear: (statement) => this.#apply([statement]),
    });
    if (isWhole(this.layout)) return;
    options.shard.receive(this.#view());
    if (this.layout.from === null) return;
    options.shard.changed();
    this.#informer.schedule();
  }

  get layout(): Layout {
    return this.#options.store.layout;
  }

  /** Splits a page that is whole when it is too much for one object. */
  grow(nowMs: number): void {
    const { shard, limits } = this.#options;
    if (!isWhole(this.layout)) return;
    const statement = shard.statement();
    if (shardCount([statement], { limits, ageMs: 0 }) === 1) return;
    this.#ledger.apply(statement, nowMs);
    this.#relayout(4, nowMs);
  }

  /** When to see whether a page that was split has emptied since; null for need not. */
  nextAlarmMs(nowMs: number): number | null {
    const { version, shards } = this.layout;
    const ms = version + this.#options.limits.mergeAfterMs;
    return shards > 1 && ms > nowMs ? ms : null;
  }

  async onAlarm(nowMs: number): Promise<void> {
    const dueMs = this.layout.version + this.#options.limits.mergeAfterMs;
    // An alarm that was for somebody who may have fallen silent wakes no other shard.
    if (isWhole(this.layout) || !isWithin(dueMs, nowMs, ALARM_DELAY_MS)) return;
    await this.#collect();
    this.#apply([]);
  }

  /** Takes statements, the sender's own first, all in one turn. */
  async report(statements: readonly Statement[]): Promise<View> {
    this.#apply(statements);
    if (!isWhole(this.layout) && this.#total() === null) await this.#collect();
    const view = this.#view();
    const [sender] = statements;
    if (sender !== undefined) this.#informer.note(sender.index, view);
    return view;
  }

  /** Has all shards but one look for who fell silent. Never rejects. */
  async sweep(by: number): Promise<void> {
    const asked = this.#others().filter(
      (index) => index !== by && this.#ledger.get(index)?.connections !== 0,
    );
    await Promise.all(asked.map((index) => this.#sweep(index)));
  }

  /** Waits for shards that had a report under way when they were asked. Never rejects. */
  async hear(): Promise<void> {
    await Promise.all(this.#unknown().map((index) => this.#sweep(index)));
  }

  async #sweep(index: number): Promise<void> {
    try {
      const statement = await answer(this.#options.peer(index).sweep(0));
      // It may have lost its connections without a word. A root that woke for this asks no further.
      if (statement !== null && this.#ledger.get(index) !== undefined) this.#apply([statement]);
    } catch (error) {
      console.error(`shard ${index} could not be swept:`, error);
    }
  }

  #apply(statements: readonly Statement[]): void {
    if (isWhole(this.layout)) return;
    const nowMs = Date.now();
    for (const statement of statements) this.#ledger.apply(statement, nowMs);
    if (this.layout.from !== null && this.#isSettled()) this.#settle(nowMs);
    if (isWhole(this.layout)) return;
    if (this.layout.from === null) this.#resize(nowMs);
    this.#options.shard.receive(this.#view());
    this.#informer.schedule();
  }

  #resize(nowMs: number): void {
    const loads = this.#loads(nowMs);
    if (loads === null) return;
    const { version, shards } = this.layout;
    const wanted = shardCount(loads, { limits: this.#options.limits, ageMs: nowMs - version });
    if (wanted !== shards) this.#relayout(wanted, nowMs);
  }

  #relayout(shards: number, nowMs: number): void {
    const { version, shards: from } = this.layout;
    if (!this.#store({ version: Math.max(nowMs, version + 1), shards, from }, nowMs)) return;
    // Nobody has been sent there yet.
    for (let index = from; index < shards; index++) this.#ledger.seed(index);
    this.#options.shard.receive(this.#view());
    this.#options.shard.changed();
    this.#options.changed();
    this.#informer.schedule();
  }

  /** Whether every shard has let go of those who belong elsewhere. */
  #isSettled(): boolean {
    const { version, from } = this.layout;
    for (let index = 0; index < (from ?? 0); index++) {
      const statement = this.#ledger.get(index);
      if (statement?.version !== version || statement.misplaced > 0) return false;
    }
    return true;
  }

  #settle(nowMs: number): void {
    if (!this.#store({ ...this.layout, from: null }, nowMs)) return;
    if (isWhole(this.layout)) {
      this.#informer.stop();
      this.#ledger.clear();
      this.#options.shard.receive(this.#view());
    }
    this.#options.changed();
  }

  /** @returns whether the platform took it */
  #store(layout: Layout, nowMs: number): boolean {
    if (nowMs < this.#storeAgainMs) return false;
    try {
      this.#options.store.setLayout(layout);
      return true;
    } catch (error) {
      console.error("the page stays as it is:", error);
      this.#storeAgainMs = nowMs + STORE_RETRY_MS;
      return false;
    }
  }

  /** Asks the shards that have not been heard of. */
  async #collect(): Promise<void> {
    if (this.#ledger.get(0) === undefined) this.#apply([this.#options.shard.statement()]);
    await Promise.all(this.#unknown().map((index) => this.#informer.inform(index)));
  }

  #unknown(): number[] {
    return this.#others().filter((index) => this.#ledger.get(index) === undefined);
  }

  #due(): number[] {
    const { version, from } = this.layout;
    const view = this.#view();
    const silentMs = Date.now() - SILENCE_MS;
    return this.#others().filter((index) => {
      const statement = this.#ledger.get(index);
      if (statement === undefined) return true;
      if (index < (from ?? 0) && statement.version !== version) return true;
      if (statement.misplaced > 0 && this.#ledger.heardAtMs(index) <= silentMs) return true;
      return statement.connections > 0 && !this.#informer.knows(index, view);
    });
  }

  /** The page's shards but this one, those that visitors are moved from included. */
  #others(): number[] {
    return Array.from({ length: this.#range - 1 }, (_, index) => index + 1);
  }

  get #range(): number {
    const { shards, from } = this.layout;
    return Math.max(shards, from ?? 0);
  }

  #total(): number | null {
    return this.#ledger.total(this.#range);
  }

  #loads(nowMs: number): Load[] | null {
    const loads: Load[] = [];
    for (let index = 0; index < this.layout.shards; index++) {
      const statement = this.#ledger.get(index);
      if (statement === undefined) return null;
      const isRecent = nowMs - this.#ledger.heardAtMs(index) < JOINS_AGE_MS;
      loads.push({ ...statement, joins: isRecent ? statement.joins : 0 });
    }
    return loads;
  }

  #view(): View {
    return { ...this.#stamps.next(), layout: this.layout, total: this.#total() };
  }
}

import { CLOSE_MOVED } from "@visitor-tracker/protocol";
import type { Presence } from "../presence.ts";
import { isWithin, remainingMs } from "../rules/within.ts";

const BATCH_INTERVAL_MS = 100;
const BATCH_CONNECTIONS = 100;

/**
 * A client is left alone for this long after it joined, so that its first ping has come: workerd
 * 1.20261102.1 does not end the connection of one that it closes before, until it hibernates.
 */
const SETTLE_MS = 1_000;

/** A visitor who was told to move is counted for this long, or until the other shard has them. */
const HOLD_MS = 15_000;

export interface MoverOptions {
  readonly presence: Presence;
  /** Is called after each step. */
  readonly changed: () => void;
}

/**
 * Closes connections that belong to another shard, few at a time, and counts their visitors until
 * they are there. Holds a timer only then.
 */
export class Mover {
  readonly #presence: Presence;
  readonly #changed: () => void;
  #queue: WebSocket[] = [];
  /** Since when each visitor is held, in this order. */
  readonly #held = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor({ presence, changed }: MoverOptions) {
    this.#presence = presence;
    this.#changed = changed;
  }

  /** Connections and visitors that are still to go. */
  get remaining(): number {
    return this.#queue.length + this.#held.size;
  }

  /** Visitors who are counted here without a connection. */
  get held(): number {
    const { roster } = this.#presence;
    let held = 0;
    for (const visitor of this.#held.keys()) {
      if (roster.tabsOf(visitor) === 0) held++;
    }
    return held;
  }

  /** Moves these instead of those before. */
  start(sockets: WebSocket[]): void {
    this.#queue = sockets;
    this.#schedule(BATCH_INTERVAL_MS);
  }

  /** The visitor is counted by another shard. */
  release(visitor: string): void {
    this.#held.delete(visitor);
    this.#presence.closeTabs(visitor, CLOSE_MOVED, "moved");
    if (this.remaining === 0) this.#schedule(0);
  }

  #schedule(waitMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = this.remaining === 0 ? null : setTimeout(() => this.#step(), waitMs);
  }

  #step(): void {
    this.#timer = null;
    const nowMs = Date.now();
    const batch = this.#nextBatch(nowMs);
    this.#queue = this.#queue.filter((socket) => !batch.has(socket));
    for (const socket of batch) this.#move(socket, nowMs);
    for (const [visitor, sinceMs] of this.#held) {
      if (isWithin(sinceMs, nowMs, HOLD_MS)) break;
      this.#held.delete(visitor);
    }
    this.#changed();
    const [firstMs = nowMs] = this.#held.values();
    const waitMs = remainingMs(firstMs, nowMs, HOLD_MS);
    this.#schedule(this.#queue.length > 0 ? BATCH_INTERVAL_MS : waitMs);
  }

  /** Those that have been there for some time, and those that are gone anyway. */
  #nextBatch(nowMs: number): Set<WebSocket> {
    const batch = new Set<WebSocket>();
    for (const socket of this.#queue) {
      const joinedMs = this.#presence.roster.get(socket)?.j ?? 0;
      if (!isWithin(joinedMs, nowMs, SETTLE_MS)) batch.add(socket);
      if (batch.size === BATCH_CONNECTIONS) break;
    }
    return batch;
  }

  #move(socket: WebSocket, nowMs: number): void {
    const visitor = this.#presence.roster.get(socket)?.u;
    this.#presence.close(socket, CLOSE_MOVED, "moved");
    if (visitor === undefined) return;
    // Put anew, since the order tells who is next.
    this.#held.delete(visitor);
    this.#held.set(visitor, nowMs);
  }
}

import { randomUUID } from "node:crypto";
import { CLOSE_MOVED, CLOSE_PAGE_FULL } from "@visitor-tracker/protocol";
import { reconnectWindowMs } from "../../../client/src/timing.ts";
import type { Dialect } from "./dialect.ts";
import { Heartbeats } from "./heartbeats.ts";
import { processOf } from "./process-of.ts";
import { Visitor, type VisitorListener } from "./visitor.ts";

export interface AudienceOptions {
  /** Several when the server is several processes: then a visitor's hash tells which. */
  readonly ports: readonly number[];
  readonly page: string;
  /** Over how many pages visitors are spread, one after the other. @default 1 */
  readonly pages?: number;
  readonly dialect: Dialect;
}

/** Connections that are being opened at a time. */
const IN_FLIGHT = 64;
/** Loopback addresses to connect from, so that none runs out of ports. */
const ADDRESSES = 32;

/** As in the product's client. */
const MAX_BACKOFF_MS = 30_000;

/**
 * The visitors of one page: opens and closes them, and knows what each was told last. Who loses the
 * connection, or does not get one, tries again as the product's client does.
 */
export class Audience implements VisitorListener {
  readonly visitors: Set<Visitor> = new Set();
  /** Counts sent to all visitors so far, those that left included. */
  counts = 0;
  pongs = 0;
  bytes = 0;
  /** Visitors that are to be on the page, whether or not they are connected at the moment. */
  intended = 0;
  /** Connections that the server closed with 4409, to be opened again at another shard. */
  moved = 0;
  /** Connections that the server closed with 1013, or refused for a while. */
  turnedAway = 0;
  /** Connections that ended otherwise, or did not come about; and why, the first of them. */
  lost = 0;
  refusal = "";
  /** How many visitors each count is shown to. */
  readonly shown: Map<number, number> = new Map();
  readonly heartbeats: Heartbeats;
  readonly #options: AudienceOptions;
  readonly #opening = new Set<Visitor>();
  readonly #leaving = new Set<Visitor>();
  #opened = 0;
  /** Visitor ids that are to be connected. */
  #queue: string[] = [];
  /** How often visitors have tried in vain since they were last connected. */
  readonly #attempts = new Map<string, number>();
  #isEnded = false;
  #waiting: { holds: () => boolean; resolve: (isMet: boolean) => void }[] = [];

  constructor(options: AudienceOptions) {
    this.#options = options;
    this.heartbeats = new Heartbeats(options.dialect);
  }

  /** Connections that were accepted and are not gone. */
  get size(): number {
    return this.visitors.size;
  }

  /** How many are shown this count. */
  showing(count: number): number {
    return this.shown.get(count) ?? 0;
  }

  /** Starts to open connections, 64 at a time. */
  open(count: number): void {
    this.intended += count;
    for (let index = 0; index < count; index++) this.#queue.push(randomUUID());
    this.#openMore();
  }

  /** Has visitors leave, those first who joined first. */
  leave(count: number): void {
    for (const visitor of this.visitors) {
      if (count-- <= 0) return;
      this.intended--;
      this.#leaving.add(visitor);
      this.#forget(visitor);
      visitor.leave();
    }
  }

  /** Drops all connections, and opens no more. */
  destroy(): void {
    this.#isEnded = true;
    this.heartbeats.stop();
    this.#queue = [];
    for (const set of [this.#opening, this.visitors, this.#leaving]) {
      for (const visitor of set) visitor.destroy();
    }
  }

  /**
   * Waits for a condition, which is looked at whenever a connection opens, ends or is told a count.
   * @returns when it held, by `performance.now()`; null when it did not within the time
   */
  async until(holds: () => boolean, timeoutMs: number): Promise<number | null> {
    if (holds()) return performance.now();
    const waiting = { holds, resolve: (_isMet: boolean): void => {} };
    const met = new Promise<boolean>((resolve) => (waiting.resolve = resolve));
    this.#waiting.push(waiting);
    const timer = setTimeout(() => waiting.resolve(false), timeoutMs);
    const isMet = await met;
    const atMs = performance.now();
    clearTimeout(timer);
    this.#waiting = this.#waiting.filter((other) => other !== waiting);
    return isMet ? atMs : null;
  }

  /** Whether all who were asked to leave are gone. */
  get haveLeft(): boolean {
    return this.#leaving.size === 0;
  }

  onOpen(visitor: Visitor): void {
    this.#opening.delete(visitor);
    this.#attempts.delete(visitor.userId);
    this.visitors.add(visitor);
    this.heartbeats.add(visitor);
    this.#openMore();
    this.#check();
  }

  onCount(visitor: Visitor, before: number): void {
    this.counts++;
    if (this.#leaving.has(visitor)) return;
    if (visitor.count === before) return;
    this.#unshow(before);
    this.shown.set(visitor.count, this.showing(visitor.count) + 1);
    this.#check();
  }

  onPong(): void {
    this.pongs++;
  }

  onBytes(bytes: number): void {
    this.bytes += bytes;
  }

  onEnd(visitor: Visitor, code: number): void {
    if (!this.#leaving.delete(visitor)) {
      if (!this.#opening.delete(visitor)) this.#forget(visitor);
      if (!this.#isEnded) this.#reopen(visitor, code);
    }
    this.#openMore();
    this.#check();
  }

  #reopen({ userId, count, refusal }: Visitor, code: number): void {
    const isRefused = code === CLOSE_PAGE_FULL || refusal.includes(" 503 ");
    if (code === CLOSE_MOVED) this.moved++;
    else if (isRefused) this.turnedAway++;
    else {
      this.lost++;
      this.refusal ||= refusal === "" ? `closed with ${code}` : refusal;
    }
    const attempts = this.#attempts.get(userId) ?? 0;
    this.#attempts.set(userId, attempts + 1);
    const known = Math.max(1, count);
    const windowMs = Math.min(MAX_BACKOFF_MS, reconnectWindowMs(attempts, known, code));
    setTimeout(() => {
      if (this.#isEnded) return;
      this.#queue.push(userId);
      this.#openMore();
    }, Math.random() * windowMs);
  }

  #forget(visitor: Visitor): void {
    this.visitors.delete(visitor);
    this.#unshow(visitor.count);
  }

  #unshow(count: number): void {
    const rest = this.showing(count) - 1;
    if (rest > 0) this.shown.set(count, rest);
    else this.shown.delete(count);
  }

  #openMore(): void {
    while (this.#opening.size < IN_FLIGHT) {
      const userId = this.#queue.shift();
      if (userId === undefined) return;
      const localAddress = `127.0.0.${2 + (this.#opened++ % ADDRESSES)}`;
      const port = this.#portOf(userId);
      const { page: base, pages = 1, dialect } = this.#options;
      const page = pages === 1 ? base : `${base}/${this.#opened % pages}`;
      const visitor = new Visitor({ port, localAddress, page, userId, dialect, listener: this });
      this.#opening.add(visitor);
    }
  }

  #portOf(userId: string): number {
    const { ports, page } = this.#options;
    const [first = 0] = ports;
    return ports.length < 2 ? first : (ports[processOf(page, userId, ports.length)] ?? first);
  }

  #check(): void {
    for (const { holds, resolve } of this.#waiting) if (holds()) resolve(true);
  }
}

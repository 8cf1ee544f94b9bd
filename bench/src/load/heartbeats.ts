import { setInterval } from "node:timers";
import type { Dialect } from "./dialect.ts";
import type { Visitor } from "./visitor.ts";

const HEARTBEAT_MS = 20_000;
const TICK_MS = 50;

interface Beat {
  readonly visitor: Visitor;
  readonly dueMs: number;
}

/** Has each visitor say every 20 s that it is there, spread evenly whenever they joined. */
export class Heartbeats {
  /** Signs of life so far. */
  sent = 0;
  readonly #dialect: Dialect;
  /** First are those who joined and have not said anything yet, in no order. */
  #first: Beat[] = [];
  /** All others, the next one first: each comes again after the same time. */
  #queue: Beat[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
    this.#timer = setInterval(() => this.#tick(performance.now()), TICK_MS);
  }

  add(visitor: Visitor): void {
    const dueMs = performance.now() + Math.random() * HEARTBEAT_MS;
    this.#first.push({ visitor, dueMs });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(nowMs: number): void {
    const isDue = ({ dueMs }: Beat): boolean => dueMs <= nowMs;
    const firstDue = this.#first.filter(isDue);
    if (firstDue.length > 0) this.#first = this.#first.filter((beat) => !isDue(beat));
    const end = this.#queue.findIndex((beat) => !isDue(beat));
    const due = this.#queue.splice(0, end === -1 ? this.#queue.length : end);
    for (const { visitor } of [...firstDue, ...due]) {
      if (!visitor.isOpen) continue;
      this.#beat(visitor, nowMs);
      this.#queue.push({ visitor, dueMs: nowMs + HEARTBEAT_MS });
    }
  }

  #beat(visitor: Visitor, nowMs: number): void {
    const { page, userId, count, countedAtMs } = visitor;
    // By the client's rule: about two of a page's visitors, unless a count came meanwhile.
    const isQuiet = count > 1 && nowMs - countedAtMs >= HEARTBEAT_MS;
    const isSweep = isQuiet && Math.random() < 2 / count;
    const frame = this.#dialect.heartbeat(page, userId, isSweep);
    if (frame === null) return;
    visitor.send(frame);
    this.sent++;
  }
}

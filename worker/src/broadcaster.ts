import { serializeCount } from "@visitor-tracker/protocol";
import type { Roster } from "./roster.ts";
import { broadcastIntervalMs } from "./rules/broadcast-interval.ts";
import { remainingMs } from "./rules/within.ts";

export interface BroadcasterOptions<Socket> {
  /** Gives the roster; it is asked at each use, since it may have to be made first. */
  readonly roster: () => Roster<Socket>;
  /** The number to tell; null as long as it is not known. */
  readonly count: () => number | null;
  readonly send: (socket: Socket, message: string) => void;
}

/**
 * Tells everyone on a page its count: the first change at once, later ones together when the
 * interval is over. Holds a timer only then.
 */
export class Broadcaster<Socket> {
  readonly #roster: () => Roster<Socket>;
  readonly #count: () => number | null;
  readonly #send: (socket: Socket, message: string) => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #sentAtMs = 0;
  /** What all who are not in `#told` know; null when the object woke and nothing was sent since. */
  #sentCount: number | null = null;
  /** What those who joined since the last broadcast know; null for nothing yet. */
  #told = new Map<Socket, number | null>();

  constructor({ roster, count, send }: BroadcasterOptions<Socket>) {
    this.#roster = roster;
    this.#count = count;
    this.#send = send;
  }

  /** To be called when the number changed. Sends at once unless it did so just before. */
  announce(): void {
    if (this.#timer !== null) return;
    const interval = broadcastIntervalMs(this.#roster().connections);
    const waitMs = remainingMs(this.#sentAtMs, Date.now(), interval);
    if (waitMs === 0) this.#flush();
    else this.#timer = setTimeout(() => this.#onTimer(), waitMs);
  }

  /**
   * As {@link announce} if the number changed, and gives a count to the joiner in any case: when it
   * is not known yet, by the next {@link announce}.
   */
  welcome(socket: Socket, { changed }: { readonly changed: boolean }): void {
    this.#told.set(socket, null);
    if (changed) this.announce();
    if (!this.#told.has(socket)) return;
    const count = this.#count();
    if (count === null) return;
    this.#send(socket, serializeCount(count, Date.now()));
    if (this.#timer === null) this.#told.delete(socket);
    else this.#told.set(socket, count);
  }

  #onTimer(): void {
    this.#timer = null;
    this.#flush();
  }

  #flush(): void {
    const count = this.#count();
    if (count === null) return;
    const roster = this.#roster();
    const nowMs = Date.now();
    const told = this.#told;
    // A count that came back to what was sent concerns only those who heard one in between.
    const recipients = count === this.#sentCount ? told.keys() : roster.sockets();
    this.#told = new Map();
    this.#sentAtMs = nowMs;
    this.#sentCount = count;
    const message = serializeCount(count, nowMs);
    for (const socket of recipients) {
      if (told.get(socket) !== count && roster.has(socket)) this.#send(socket, message);
    }
  }
}

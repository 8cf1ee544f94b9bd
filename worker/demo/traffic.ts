import { isFinalClose, PING, PONG } from "@visitor-tracker/protocol";
import type { Usage } from "./cost.ts";

/** A connection that can be made to fall silent. */
export interface Cuttable {
  /** @param ended is called with the close code when the connection really ends */
  cut(ended: (code: number) => void): void;
}

/** What is known of one visitor, from their connections so far. */
export interface Line {
  readonly socket: Cuttable;
  pingedAtMs: number;
  roundTripMs: number | undefined;
  reason: string | undefined;
}

/** Accounts for all that this page sends and hears. */
export class Traffic {
  /** Messages of all connections. */
  sent = 0;
  received = 0;
  /** When this page asked for connections, by `Date.now()`, oldest first. */
  readonly attemptsAtMs: number[] = [];
  #questions = 0;
  #joins = 0;
  #wakingMessages = 0;
  readonly #lines = new Map<string, Line>();
  readonly #changed: () => void;

  /** @param changed is called after each change of what can be read here */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** A request that never reached Cloudflare is in here too: a browser cannot tell. */
  get usage(): Usage {
    return {
      workerRequests: this.attemptsAtMs.length + this.#questions,
      joins: this.#joins,
      wakingMessages: this.#wakingMessages,
    };
  }

  /** Time that the answer to the visitor's last ping took, in milliseconds. */
  roundTripMs(visitorId: string): number | undefined {
    return this.#lines.get(visitorId)?.roundTripMs;
  }

  /** Why the server ended the visitor's connection for good, if it did. */
  reason(visitorId: string): string | undefined {
    return this.#lines.get(visitorId)?.reason;
  }

  /**
   * From here on the server hears nothing of the visitor's connection, not even a close, and the
   * page nothing of the server. The connection itself stays: a page cannot break its own network.
   * @returns the code with which the connection ends in fact
   */
  cut(visitorId: string): Promise<number> {
    return new Promise((resolve) => this.#lines.get(visitorId)?.socket.cut(resolve));
  }

  opening(visitorId: string, socket: Cuttable, nowMs: number): Line {
    this.attemptsAtMs.push(nowMs);
    const known = this.#lines.get(visitorId);
    const line = { pingedAtMs: 0, roundTripMs: undefined, reason: undefined, ...known, socket };
    this.#lines.set(visitorId, line);
    this.#changed();
    return line;
  }

  opened(): void {
    this.#joins++;
    this.#changed();
  }

  /** A question over HTTP why a connection was refused. */
  asked(): void {
    this.#questions++;
    this.#changed();
  }

  /** @param nowMs by `performance.now()`, as in {@link hears} */
  sends(line: Line, data: unknown, nowMs: number): void {
    this.sent++;
    if (data === PING) line.pingedAtMs = nowMs;
    else this.#wakingMessages++;
    this.#changed();
  }

  hears(line: Line, data: unknown, nowMs: number): void {
    this.received++;
    if (data === PONG) line.roundTripMs = nowMs - line.pingedAtMs;
    this.#changed();
  }

  closed(line: Line, code: number, reason: string): void {
    if (isFinalClose(code)) line.reason = reason;
    this.#changed();
  }
}

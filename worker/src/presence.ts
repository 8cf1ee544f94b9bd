import { CLOSE_STALE, CLOSE_TOO_MANY, type Limits } from "@visitor-tracker/protocol";
import { type Connection, readConnection } from "./connection.ts";
import { Roster } from "./roster.ts";
import { isStale, nextAlarmMs } from "./rules/stale.ts";
import { surplusTabs } from "./rules/tabs.ts";
import { isWithin } from "./rules/within.ts";
import { closeQuietly } from "./socket.ts";

export interface PresenceOptions {
  readonly limits: Limits;
  /** Is called when the last client is gone that only an alarm could watch. */
  readonly unwatch: () => void;
}

/**
 * Who is connected to this object. What is known of a connection is its socket's attachment, and
 * goes with it.
 */
export class Presence {
  readonly #ctx: DurableObjectState;
  readonly #limits: Limits;
  readonly #unwatch: () => void;
  #roster: Roster<WebSocket> | null = null;
  #sweptAtMs = 0;

  constructor(ctx: DurableObjectState, { limits, unwatch }: PresenceOptions) {
    this.#ctx = ctx;
    this.#limits = limits;
    this.#unwatch = unwatch;
  }

  /** Made of the attachments when it is first asked for. */
  get roster(): Roster<WebSocket> {
    if (this.#roster !== null) return this.#roster;
    const roster = new Roster<WebSocket>();
    for (const socket of this.#ctx.getWebSockets()) {
      const connection = readConnection(socket);
      if (connection !== null) roster.set(socket, connection);
    }
    this.#roster = roster;
    return roster;
  }

  /** Counts a connection, or replaces what is known of it. */
  write(socket: WebSocket, connection: Connection): void {
    socket.serializeAttachment(connection);
    // An object that was just woken makes its roster from the attachments, if it needs one.
    this.#roster?.set(socket, connection);
  }

  /**
   * Stops counting a connection; again and again, whatever state its socket is in.
   * @returns whether its visitor has left with it
   */
  forget(socket: WebSocket): boolean {
    const connection = readConnection(socket);
    if (connection === null) return false;
    socket.serializeAttachment(null);
    // Made after the attachment was cleared, a roster is without the socket, whether or not the
    // platform still lists it: on the network it does until this event is over.
    const { roster } = this;
    roster.delete(socket);
    if (connection.v === undefined && roster.contractConnections === 0) this.#unwatch();
    return connection.u !== undefined && roster.tabsOf(connection.u) === 0;
  }

  /** Forgets a connection and ends it. */
  close(socket: WebSocket, code: number, reason: string): boolean {
    const left = this.forget(socket);
    closeQuietly(socket, code, reason);
    return left;
  }

  /** Closes every connection of a visitor. */
  closeTabs(visitor: string, code: number, reason: string): void {
    if (this.roster.tabsOf(visitor) === 0) return;
    for (const socket of this.#ctx.getWebSockets(visitor)) {
      if (this.roster.has(socket)) this.close(socket, code, reason);
    }
  }

  /** @param joined stays in any case: the close is final for a client, and this is the one in use */
  closeSurplusTabs(visitor: string, joined: WebSocket): void {
    const limit = this.#limits.tabsPerVisitor;
    if (this.roster.tabsOf(visitor) <= limit) return;
    // Listed under a tag, sockets come oldest first (seen with workerd 1.20261102.1).
    const others = this.#ctx.getWebSockets(visitor).flatMap((socket) => {
      const connection = socket === joined ? null : readConnection(socket);
      return connection === null ? [] : [{ socket, joinedMs: connection.j }];
    });
    for (const { socket } of surplusTabs(others, limit - 1)) {
      this.close(socket, CLOSE_TOO_MANY, `more than ${limit} tabs`);
    }
  }

  /** Whether who fell silent was last looked for some time ago. */
  isSweepDue(nowMs: number): boolean {
    return !isWithin(this.#sweptAtMs, nowMs, this.#limits.sweepEveryMs);
  }

  /**
   * Drops who has been silent for too long.
   * @returns whether a visitor has left
   */
  dropStale(nowMs: number): boolean {
    this.#sweptAtMs = nowMs;
    let left = false;
    for (const [socket, { t }] of this.roster.entries()) {
      if (!isStale(this.#aliveMs(socket, t), nowMs, this.#limits.staleAfterMs)) continue;
      if (this.close(socket, CLOSE_STALE, "no sign of life")) left = true;
    }
    return left;
  }

  /** When to look again for clients that only an alarm can watch; null when there are none. */
  nextAlarmMs(nowMs: number): number | null {
    const aliveMs: number[] = [];
    for (const [socket, { t, v }] of this.roster.entries()) {
      if (v === undefined) aliveMs.push(this.#aliveMs(socket, t));
    }
    return nextAlarmMs(aliveMs, { nowMs, staleAfterMs: this.#limits.staleAfterMs });
  }

  /** Pings are answered without the object; the platform notes when. */
  #aliveMs(socket: WebSocket, heartbeatMs: number): number {
    const ping = this.#ctx.getWebSocketAutoResponseTimestamp(socket);
    return Math.max(heartbeatMs, ping?.getTime() ?? 0);
  }
}

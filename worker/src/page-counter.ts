import {
  CLOSE_STALE,
  CLOSE_TOO_BIG,
  CLOSE_TOO_MANY,
  type Limits,
  MAX_MESSAGE_BYTES,
  PING,
  PONG,
  parseHeartbeat,
} from "@visitor-tracker/protocol";
import { DurableObject } from "cloudflare:workers";
import { Broadcaster } from "./broadcaster.ts";
import { type Connection, readConnection } from "./connection.ts";
import { type Env, readConfig } from "./env.ts";
import { refuse } from "./http.ts";
import { type Join, parseJoin } from "./join-request.ts";
import { Roster } from "./roster.ts";
import { spendMessage } from "./rules/message-rate.ts";
import { isStale, nextAlarmMs } from "./rules/stale.ts";
import { surplusTabs } from "./rules/tabs.ts";
import { answerClose, closeQuietly, isTooBig, sendQuietly } from "./socket.ts";

/**
 * The visitors of one page; the object's name is the page key. Its state is the attachments of its
 * sockets, so it hibernates between events and an idle page costs nothing. It stores nothing, but
 * for one alarm while a client is connected that does not say `v=2`.
 */
export class PageCounter extends DurableObject<Env> {
  readonly #limits: Limits;
  readonly #broadcaster: Broadcaster<WebSocket>;
  #cachedRoster: Roster<WebSocket> | null = null;
  #sweptAtMs = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#limits = readConfig(env).settings.limits;
    this.#broadcaster = new Broadcaster({ roster: () => this.#roster(), send: sendQuietly });
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  /** Accepts the connection that the Worker has checked. */
  override async fetch(request: Request): Promise<Response> {
    const { visitor, isContractClient } = parseJoin(request.url);
    const nowMs = Date.now();
    const before = this.#roster().visitors;
    this.#sweep(nowMs);
    const accepted = await this.#accept({ visitor, isContractClient }, nowMs);
    if (accepted instanceof Response) {
      if (this.#roster().visitors !== before) this.#broadcaster.announce();
      return accepted;
    }
    const { 0: client, 1: server } = accepted;
    const version = isContractClient ? {} : ({ v: 2 } as const);
    const identity = visitor === null ? {} : { u: visitor };
    this.#write(server, { ...identity, j: nowMs, t: nowMs, ...version });
    if (visitor !== null) this.#closeSurplusTabs(visitor, server);
    this.#broadcaster.welcome(server, { changed: this.#roster().visitors !== before });
    return new Response(null, { status: 101, webSocket: client });
  }

  /** The number of distinct visitors. */
  count(): number {
    if (this.#sweep(Date.now())) this.#broadcaster.announce();
    return this.#roster().visitors;
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const connection = readConnection(socket);
    // A peer that was closed may go on talking until it answers the close.
    if (connection === null) return;
    const nowMs = Date.now();
    if (typeof message !== "string" || isTooBig(message)) {
      this.#drop(socket, CLOSE_TOO_BIG, `send text of at most ${MAX_MESSAGE_BYTES} bytes`);
      return;
    }
    const spentUntilMs = spendMessage(connection.m, nowMs);
    if (spentUntilMs === null) {
      this.#drop(socket, CLOSE_TOO_MANY, "too many messages");
      return;
    }
    // What it says of itself is not believed: the connection is who it was when it joined.
    const isHeartbeat = parseHeartbeat(message) !== null;
    this.#write(socket, { ...connection, m: spentUntilMs, t: isHeartbeat ? nowMs : connection.t });
    if (isHeartbeat && this.#sweep(nowMs)) this.#broadcaster.announce();
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    const left = this.#forget(socket);
    const swept = this.#sweep(Date.now());
    if (left || swept) this.#broadcaster.announce();
    answerClose(socket, code);
  }

  /** Comes instead of a close event, for example after a frame larger than the platform takes. */
  override webSocketError(socket: WebSocket): void {
    if (this.#forget(socket)) this.#broadcaster.announce();
  }

  override async alarm(): Promise<void> {
    const nowMs = Date.now();
    if (this.#dropStale(nowMs)) this.#broadcaster.announce();
    const aliveMs: number[] = [];
    for (const [socket, { t, v }] of this.#roster().entries()) {
      if (v === undefined) aliveMs.push(this.#aliveMs(socket, t));
    }
    const next = nextAlarmMs(aliveMs, { nowMs, staleAfterMs: this.#limits.staleAfterMs });
    // None are left also when a redeployment took them all without a word.
    await (next === null ? this.ctx.storage.deleteAll() : this.ctx.storage.setAlarm(next));
  }

  #roster(): Roster<WebSocket> {
    if (this.#cachedRoster !== null) return this.#cachedRoster;
    const roster = new Roster<WebSocket>();
    for (const socket of this.ctx.getWebSockets()) {
      const connection = readConnection(socket);
      if (connection !== null) roster.set(socket, connection);
    }
    this.#cachedRoster = roster;
    return roster;
  }

  /** A WebSocket of which this object holds the second end, or the refusal. */
  async #accept({ visitor, isContractClient }: Join, nowMs: number): Promise<Accepted | Response> {
    const roster = this.#roster();
    if (roster.connections >= this.#limits.socketsPerObject) return refusePageFull();
    if (isContractClient && roster.contractConnections === 0) {
      // Before anybody counts it: who is refused here must not have been seen. No other event comes
      // in between: https://developers.cloudflare.com/durable-objects/reference/in-memory-state/
      try {
        await this.ctx.storage.setAlarm(nowMs + this.#limits.staleAfterMs);
      } catch (error) {
        // For example when the day's rows of a free plan are written.
        console.error(error);
        return refuseUnwatched();
      }
    }
    const pair = new WebSocketPair();
    try {
      this.ctx.acceptWebSocket(pair[1], visitor === null ? [] : [visitor]);
    } catch (error) {
      // The platform's own limit, to which sockets count that were closed and have not gone yet.
      console.error(error);
      return refusePageFull();
    }
    return pair;
  }

  #write(socket: WebSocket, connection: Connection): void {
    socket.serializeAttachment(connection);
    // An object that was just woken makes its roster from the attachments, if it needs one.
    this.#cachedRoster?.set(socket, connection);
  }

  /**
   * Stops counting a connection; again and again, whatever state its socket is in.
   * @returns whether its visitor has left with it
   */
  #forget(socket: WebSocket): boolean {
    const connection = readConnection(socket);
    if (connection === null) return false;
    socket.serializeAttachment(null);
    // Made after the attachment was cleared, a roster is without the socket, whether or not the
    // platform still lists it: on the network it does until this event is over.
    const roster = this.#roster();
    roster.delete(socket);
    if (connection.v === undefined && roster.contractConnections === 0) {
      this.ctx.waitUntil(this.ctx.storage.deleteAll());
    }
    return connection.u !== undefined && roster.tabsOf(connection.u) === 0;
  }

  #drop(socket: WebSocket, code: number, reason: string): void {
    if (this.#forget(socket)) this.#broadcaster.announce();
    closeQuietly(socket, code, reason);
  }

  /** @param joined stays in any case: the close is final for a client, and this is the one in use */
  #closeSurplusTabs(visitor: string, joined: WebSocket): void {
    const limit = this.#limits.tabsPerVisitor;
    if (this.#roster().tabsOf(visitor) <= limit) return;
    // Listed under a tag, sockets come oldest first (seen with workerd 1.20261102.1).
    const others = this.ctx.getWebSockets(visitor).flatMap((socket) => {
      const connection = socket === joined ? null : readConnection(socket);
      return connection === null ? [] : [{ socket, joinedMs: connection.j }];
    });
    for (const { socket } of surplusTabs(others, limit - 1)) {
      this.#drop(socket, CLOSE_TOO_MANY, `more than ${limit} tabs`);
    }
  }

  /**
   * Drops who has been silent for too long, unless that was just done.
   * @returns whether a visitor has left
   */
  #sweep(nowMs: number): boolean {
    return nowMs - this.#sweptAtMs >= this.#limits.sweepEveryMs && this.#dropStale(nowMs);
  }

  #dropStale(nowMs: number): boolean {
    this.#sweptAtMs = nowMs;
    let left = false;
    for (const [socket, { t }] of this.#roster().entries()) {
      if (!isStale(this.#aliveMs(socket, t), nowMs, this.#limits.staleAfterMs)) continue;
      if (this.#forget(socket)) left = true;
      closeQuietly(socket, CLOSE_STALE, "no sign of life");
    }
    return left;
  }

  /** Pings are answered without the object; the platform notes when. */
  #aliveMs(socket: WebSocket, heartbeatMs: number): number {
    const ping = this.ctx.getWebSocketAutoResponseTimestamp(socket);
    return Math.max(heartbeatMs, ping?.getTime() ?? 0);
  }
}

type Accepted = InstanceType<typeof WebSocketPair>;

function refusePageFull(): Response {
  const message = "the page holds as many connections as it can; try again later";
  return refuse("page_full", message, { "Retry-After": "30" });
}

function refuseUnwatched(): Response {
  const message = "the page cannot watch whether this client falls silent; try again in a minute";
  return refuse("overloaded", message, { "Retry-After": "60" });
}

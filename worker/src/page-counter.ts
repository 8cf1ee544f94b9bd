import {
  CLOSE_TOO_BIG,
  CLOSE_TOO_MANY,
  MAX_MESSAGE_BYTES,
  PING,
  PONG,
  parseHeartbeat,
} from "@visitor-tracker/protocol";
import { DurableObject } from "cloudflare:workers";
import { Admission } from "./admission.ts";
import { Broadcaster } from "./broadcaster.ts";
import { readConnection } from "./connection.ts";
import { type Env, readConfig } from "./env.ts";
import { refuseUnsettled } from "./join-refusals.ts";
import { type Join, parseJoin, redirectJoin } from "./join-request.ts";
import { pageCounter } from "./page.ts";
import { Presence } from "./presence.ts";
import { spendMessage } from "./rules/message-rate.ts";
import { isWhole, parseShardName, shardName } from "./shard/layout.ts";
import type { Peer, Release, Statement, View } from "./shard/peer.ts";
import { Root } from "./shard/root.ts";
import { Shard } from "./shard/shard.ts";
import { type SiteReporter, reporterOf } from "./site-reporter.ts";
import { answerClose, isTooBig, sendQuietly } from "./socket.ts";
import { Store } from "./store.ts";

/**
 * The visitors of one page, or of one shard of it; the object's name is the page's key and the
 * shard's number. Its state is the attachments of its sockets, so it hibernates between events and
 * an idle page costs nothing.
 */
export class PageCounter extends DurableObject<Env> implements Peer {
  readonly #store: Store;
  readonly #presence: Presence;
  readonly #admission: Admission;
  readonly #broadcaster: Broadcaster<WebSocket>;
  readonly #index: number;
  readonly #shard: Shard;
  /** Null in a shard that is not the first of its page. */
  readonly #root: Root | null;
  readonly #peer: (index: number) => Peer;
  readonly #site: SiteReporter | null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const config = readConfig(env);
    const { key, index } = parseShardName(ctx.id.name ?? "");
    const { limits } = config.settings;
    this.#index = index;
    this.#peer = (other) => pageCounter(env, config, shardName({ key, index: other }));
    this.#store = new Store(ctx.storage);
    const unwatch = (): void => ctx.waitUntil(this.#settleAlarm());
    this.#presence = new Presence(ctx, { limits, unwatch });
    this.#admission = new Admission(ctx, { limits, presence: this.#presence, store: this.#store });
    this.#broadcaster = new Broadcaster({
      roster: () => this.#presence.roster,
      count: () => this.#total,
      send: sendQuietly,
    });
    this.#shard = new Shard({
      index,
      peer: this.#peer,
      presence: this.#presence,
      joins: this.#admission.joins,
      report: (statements) => (this.#root ?? this.#peer(0)).report(statements),
      announce: () => this.#announce(),
    });
    const own = { limits, store: this.#store, shard: this.#shard, peer: this.#peer };
    this.#root = index === 0 ? new Root({ ...own, changed: () => this.#onLayout() }) : null;
    const site = { total: () => this.#total, wakeAt: (ms: number) => this.#store.setAlarmBy(ms) };
    this.#site = index === 0 ? reporterOf(key, env, site) : null;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  /** Accepts the connection that the Worker has checked, if its visitor lives here. */
  override async fetch(request: Request): Promise<Response> {
    const join = parseJoin(request.url);
    const layout = this.#root?.layout ?? (await this.#shard.layoutFor(join.shards));
    if (layout === null) return refuseUnsettled();
    if (layout.shards !== join.shards) return redirectJoin(layout.shards);
    const nowMs = Date.now();
    const before = this.#presence.roster.visitors;
    if (this.#presence.isSweepDue(nowMs)) this.#presence.dropStale(nowMs);
    const pair = await this.#admission.accept(join, nowMs);
    if (pair instanceof Response) {
      this.#changed({ visitors: this.#presence.roster.visitors !== before });
      return pair;
    }
    this.#write(pair[1], join, nowMs);
    const visitors = this.#presence.roster.visitors !== before;
    this.#broadcaster.welcome(pair[1], { changed: this.#isWhole && visitors });
    if (visitors) void this.#site?.update();
    this.#changed({ visitors: false });
    this.#root?.grow(nowMs);
    return new Response(null, { status: 101, webSocket: pair[0] });
  }

  /**
   * The number of distinct visitors on the page. Of the root.
   * @returns null when the page is split and one of its shards cannot be reached
   */
  async count(): Promise<number | null> {
    await this.#lookAround(Date.now(), this.#index);
    if (!this.#isWhole) await this.#shard.refresh();
    if (this.#total === null) await this.#root?.hear();
    return this.#total;
  }

  async report(statements: Statement[]): Promise<View> {
    if (this.#root === null) throw new Error(`shard ${this.#index} is not the root of its page`);
    return this.#root.report(statements);
  }

  async inform(view: View): Promise<Statement | null> {
    this.#shard.receive(view);
    return this.#shard.state();
  }

  release(release: Release): Promise<void> {
    return this.#shard.release(release);
  }

  async sweep(by: number): Promise<Statement | null> {
    void this.#lookAround(Date.now(), by);
    return this.#shard.stateWhenIdle();
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const connection = readConnection(socket);
    // A peer that was closed may go on talking until it answers the close.
    if (connection === null) return;
    const nowMs = Date.now();
    if (typeof message !== "string" || isTooBig(message)) {
      this.#close(socket, CLOSE_TOO_BIG, `send text of at most ${MAX_MESSAGE_BYTES} bytes`);
      return;
    }
    const m = spendMessage(connection.m, nowMs);
    if (m === null) {
      this.#close(socket, CLOSE_TOO_MANY, "too many messages");
      return;
    }
    // What it says of itself is not believed: the connection is who it was when it joined.
    const isHeartbeat = parseHeartbeat(message) !== null;
    const t = isHeartbeat ? nowMs : connection.t;
    this.#presence.write(socket, { ...connection, m, t });
    if (isHeartbeat) void this.#lookAround(nowMs, this.#index);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    const left = this.#presence.forget(socket);
    const swept = this.#sweep(Date.now());
    this.#changed({ visitors: left || swept });
    answerClose(socket, code);
  }

  /** Comes instead of a close event, for example after a frame larger than the platform takes. */
  override webSocketError(socket: WebSocket): void {
    this.#changed({ visitors: this.#presence.forget(socket) });
  }

  override async alarm(): Promise<void> {
    const nowMs = Date.now();
    if (this.#presence.dropStale(nowMs)) this.#changed({ visitors: true });
    await this.#root?.onAlarm(nowMs);
    if (this.#site !== null && this.#total === null) await this.#shard.refresh();
    await this.#site?.onAlarm();
    // Nobody is left to watch also when a redeployment took them all without a word.
    await this.#settleAlarm();
  }

  async #settleAlarm(): Promise<void> {
    const nowMs = Date.now();
    const own = [this.#presence.nextAlarmMs(nowMs), this.#root?.nextAlarmMs(nowMs) ?? null];
    const next = [...own, this.#site?.wakeMs ?? null].filter((ms) => ms !== null);
    if (next.length > 0) await this.#store.setAlarmBy(Math.min(...next));
    else if (this.#site?.mayNeedAlarm !== true) await this.#store.clearAlarm();
  }

  get #isWhole(): boolean {
    return this.#root !== null && isWhole(this.#root.layout);
  }

  /** Distinct visitors on the page; null when a shard does not know. */
  get #total(): number | null {
    return this.#isWhole ? this.#presence.roster.visitors : this.#shard.total;
  }

  /** To be called when the page's total changed, but for a joiner, who is welcomed. */
  #announce(): void {
    this.#broadcaster.announce();
    void this.#site?.update();
  }

  #onLayout(): void {
    this.ctx.waitUntil(this.#settleAlarm());
    this.#announce();
  }

  /** To be called when connections came or went. @param change whether visitors did with them */
  #changed({ visitors }: { readonly visitors: boolean }): void {
    if (!this.#isWhole) this.#shard.changed();
    else if (visitors) this.#announce();
  }

  #write(socket: WebSocket, { visitor, isContractClient, shards }: Join, nowMs: number): void {
    const version = isContractClient ? {} : ({ v: 2 } as const);
    const times = { j: nowMs, t: nowMs };
    if (visitor === null) {
      this.#presence.write(socket, { ...times, ...version, ...(shards > 1 ? { s: shards } : {}) });
      return;
    }
    this.#shard.arrive(visitor, nowMs);
    this.#presence.write(socket, { u: visitor, ...times, ...version });
    this.#presence.closeSurplusTabs(visitor, socket);
  }

  #close(socket: WebSocket, code: number, reason: string): void {
    this.#changed({ visitors: this.#presence.close(socket, code, reason) });
  }

  /**
   * Drops who has been silent for too long, unless that was just done.
   * @returns whether a visitor has left
   */
  #sweep(nowMs: number): boolean {
    return this.#presence.isSweepDue(nowMs) && this.#presence.dropStale(nowMs);
  }

  /** Sweeps the whole page, unless that was just done. @param by the shard that asked for it */
  async #lookAround(nowMs: number, by: number): Promise<void> {
    if (!this.#presence.isSweepDue(nowMs)) return;
    if (this.#presence.dropStale(nowMs)) this.#changed({ visitors: true });
    if (this.#root !== null) await this.#root.sweep(by);
    else if (by === this.#index) await this.#askForSweep();
  }

  async #askForSweep(): Promise<void> {
    try {
      await this.#peer(0).sweep(this.#index);
    } catch (error) {
      console.error("the page could not be swept:", error);
    }
  }
}

import { DEFAULT_LIMITS, type Limits, parseCount } from "@visitor-tracker/protocol";
import { Broadcaster } from "../../src/broadcaster.ts";
import { Presence } from "../../src/presence.ts";
import { JoinMeter } from "../../src/rules/join-meter.ts";
import { type Layout, isWhole, parseLayout } from "../../src/shard/layout.ts";
import type { Peer } from "../../src/shard/peer.ts";
import { Root } from "../../src/shard/root.ts";
import { Shard } from "../../src/shard/shard.ts";
import type { Store } from "../../src/store.ts";

/** How the network between the objects of a page behaves. */
interface Network {
  readonly delayMs: () => number;
  /** Whether the next call is lost; half of those are lost on the way back. */
  readonly fails: () => boolean;
}

export interface ModelOptions {
  readonly limits: Partial<Limits>;
  readonly network: Network;
  /** In [0, 1): when a client that was moved comes back, within a second. */
  readonly random: () => number;
}

/** A page of as many objects as it needs, in memory, under whatever clock there is. */
export class PageModel {
  readonly limits: Limits;
  readonly options: ModelOptions;
  layout: Layout = parseLayout(undefined);
  /** How many shards clients take the page to have: right or not, as Workers do. */
  readonly memos: number[] = [1, 1, 1];
  /** Whether an object has died: its timers go on, which the platform's do not. */
  hasDead = false;
  readonly #objects = new Map<number, ModelObject>();

  constructor(options: ModelOptions) {
    this.options = options;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  object(index: number): ModelObject {
    const known = this.#objects.get(index);
    if (known !== undefined) return known;
    const made = new ModelObject(this, index);
    this.#objects.set(index, made);
    return made;
  }

  objects(): ModelObject[] {
    return [...this.#objects.values()];
  }

  /** Wakes the root, in whatever life it is then. */
  setAlarm(afterMs: number): void {
    setTimeout(() => void this.object(0).root?.onAlarm(Date.now()), afterMs);
  }

  /** Ends an object's life, with its connections, as a crash or a deployment does. */
  restart(index: number): void {
    const object = this.#objects.get(index);
    if (object === undefined) return;
    this.#objects.delete(index);
    this.hasDead = true;
    object.die();
  }

  /** What `from` sees of another object. */
  peer(from: () => ModelObject, index: number): Peer {
    const call = async <T>(run: (object: ModelObject) => T | Promise<T>): Promise<T> => {
      const { network, random } = this.options;
      await sleep(network.delayMs());
      const object = this.object(index);
      const isLost = network.fails();
      const isOver = (): boolean => from().isDead || object.isDead;
      if (isOver() || (isLost && random() < 0.5)) throw new Error("lost on the way there");
      const result = structuredClone(await run(object));
      await sleep(network.delayMs());
      if (isOver() || isLost) throw new Error("lost on the way back");
      return result;
    };
    return {
      report: (statements) => call((object) => object.report(statements)),
      inform: (view) => call((object) => object.inform(view)),
      release: (release) => call((object) => object.shard.release(release)),
      sweep: () => call((object) => object.shard.stateWhenIdle()),
    };
  }
}

/** What page-counter.ts does with its parts, without the platform. */
export class ModelObject {
  readonly index: number;
  readonly shard: Shard;
  readonly root: Root | null;
  readonly presence: Presence;
  readonly broadcaster: Broadcaster<WebSocket>;
  isDead = false;
  readonly #page: PageModel;
  readonly #sockets = new Set<ModelSocket>();

  constructor(page: PageModel, index: number) {
    this.index = index;
    this.#page = page;
    const { limits } = page;
    const context = {
      getWebSockets: (tag?: string) =>
        [...this.#sockets].filter((socket) => tag === undefined || socket.visitor === tag),
      getWebSocketAutoResponseTimestamp: () => null,
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what it uses of the platform
    const ctx = context as unknown as DurableObjectState;
    this.presence = new Presence(ctx, { limits, unwatch: () => {} });
    this.broadcaster = new Broadcaster({
      roster: () => this.presence.roster,
      count: () => this.total,
      send: (socket, message) => socket.send(message),
    });
    const announce = (): void => this.broadcaster.announce();
    const peer = (other: number): Peer => page.peer(() => this, other);
    this.shard = new Shard({
      index,
      peer,
      announce,
      presence: this.presence,
      joins: new JoinMeter(),
      report: (statements) => (this.root ?? peer(0)).report(statements),
    });
    const isDead = (): boolean => this.isDead;
    const stored = {
      get layout() {
        return page.layout;
      },
      setLayout: (layout: Layout) => {
        if (isDead()) throw new Error("a dead object stores nothing");
        page.layout = layout;
      },
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
    const own = { limits, peer, shard: this.shard, store: stored as unknown as Store };
    this.root = index > 0 ? null : new Root({ ...own, changed: () => this.#onLayout() });
  }

  #onLayout(): void {
    const nowMs = Date.now();
    const alarmMs = this.root?.nextAlarmMs(nowMs) ?? null;
    if (alarmMs !== null) this.#page.setAlarm(alarmMs - nowMs);
    this.broadcaster.announce();
  }

  get isWhole(): boolean {
    return this.root !== null && isWhole(this.root.layout);
  }

  get total(): number | null {
    return this.isWhole ? this.presence.roster.visitors : this.shard.total;
  }

  report(statements: Parameters<Peer["report"]>[0]): ReturnType<Peer["report"]> {
    if (this.root === null) throw new Error("not the root");
    return this.root.report(statements);
  }

  inform(view: Parameters<Peer["inform"]>[0]): Awaited<ReturnType<Peer["inform"]>> {
    this.shard.receive(view);
    return this.shard.state();
  }

  /** @returns the number of shards that the page has, when the client believes in another */
  async join(socket: ModelSocket, shards: number): Promise<number | null> {
    const layout = this.root?.layout ?? (await this.shard.layoutFor(shards));
    if (this.isDead) throw new Error("a dead object takes nobody in");
    if (layout === null || layout.shards !== shards) return layout?.shards ?? shards;
    const { roster } = this.presence;
    const before = roster.visitors;
    this.#sockets.add(socket);
    const now = Date.now();
    if (socket.visitor !== null) this.shard.arrive(socket.visitor, now);
    const observed = shards > 1 ? { s: shards } : {};
    const identity = socket.visitor === null ? observed : { u: socket.visitor };
    const platform = asPlatform(socket);
    this.presence.write(platform, { ...identity, j: now, t: now, v: 2 });
    const changed = this.isWhole && roster.visitors !== before;
    this.broadcaster.welcome(platform, { changed });
    if (!this.isWhole) this.shard.changed();
    this.root?.grow(now);
    return null;
  }

  leave(socket: ModelSocket): void {
    this.#sockets.delete(socket);
    const left = this.presence.forget(asPlatform(socket));
    if (!this.isWhole) this.shard.changed();
    else if (left) this.broadcaster.announce();
  }

  die(): void {
    this.isDead = true;
    for (const socket of this.#sockets) {
      socket.isLost = true;
      socket.close(1006);
    }
    this.#sockets.clear();
  }
}

/** Both ends of a connection in one. */
export class ModelSocket {
  readonly visitor: string | null;
  readonly counts: number[];
  readonly onClose: (code: number) => void;
  /** Whether the object at its other end has died. */
  isLost = false;
  #attachment: unknown = null;

  constructor(visitor: string | null, counts: number[], onClose: (code: number) => void) {
    this.visitor = visitor;
    this.counts = counts;
    this.onClose = onClose;
  }

  serializeAttachment(attachment: unknown): void {
    this.#attachment = attachment;
  }

  deserializeAttachment(): unknown {
    return this.#attachment;
  }

  send(message: string): void {
    if (this.isLost) return;
    this.counts.push(parseCount(message)?.count ?? -1);
  }

  close(code: number): void {
    this.onClose(code);
  }
}

function asPlatform(socket: ModelSocket): WebSocket {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is used of the platform's
  return socket as unknown as WebSocket;
}

/** By whatever clock there is. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

import { randomUUID } from "node:crypto";
import type { Fault, FaultKind } from "./fault.ts";
import { Random } from "./random.ts";
import type { SharedServer } from "./shared-server.ts";
import type { Client, Silence } from "./steps.ts";
import { Surroundings } from "./surroundings.ts";
import type { TabEvents } from "./tab-options.ts";
import { Tab } from "./tab.ts";
import type { Terms } from "./terms.ts";
import { Truth } from "./truth.ts";
import { Witness } from "./witness.ts";

/** Longest wait before a tab's first attempt to connect again: as the real one's, but shorter. */
const RECONNECT_MS = 200;

/** Less than this after it began to connect, a client's end may pass for silence. */
const YOUNG_MS = 500;

export interface PageOptions {
  readonly terms: Terms;
  /** Of the times at which clients do things; the same seed gives much the same times. */
  readonly seed: number;
}

export interface NewTab {
  readonly tab: number;
  readonly visitor: number;
  readonly client: Client;
  readonly observe?: true;
  readonly rude?: true;
}

/** One page of a server, with everybody who is on it and what is true of it. */
export class Page {
  /** Absolute, and so the name of its object. */
  readonly url: string = `https://exact.test/${randomUUID()}`;
  readonly terms: Terms;
  readonly truth: Truth = new Truth();
  readonly tabs: Map<number, Tab> = new Map();
  readonly server: SharedServer;
  readonly around: Surroundings = new Surroundings();
  readonly witness: Witness;
  /** The first thing that was found wrong. */
  fault: Fault | null = null;
  /** Things begun that have not come to an end, such as evictions. */
  pending: number = 0;
  readonly #random: Random;
  readonly #waiting = new Set<() => void>();
  readonly #stopListening: () => void;

  constructor(server: SharedServer, { terms, seed }: PageOptions) {
    const { around, truth, tabs } = this;
    this.server = server;
    this.terms = terms;
    this.#random = new Random(seed);
    this.witness = new Witness({
      terms,
      truth,
      tabs,
      around,
      fail: (kind, message) => this.fail(kind, message),
    });
    this.#stopListening = server.listen((event) => {
      around.notice(event);
      if (event.kind === "clock" && event.byMs < 0) truth.extendSilences(-event.byMs);
    });
  }

  /** Name of the object that is this shard of the page. */
  objectName(shard: number): string {
    return shard === 0 ? this.url : `${this.url}#${shard}`;
  }

  join({ tab: number, visitor, client, observe, rude }: NewTab): Tab {
    const { hasPings, beatMs } = this.terms;
    // To a server that knows no observers everyone is a visitor.
    const isObserver = hasPings && observe === true;
    const userId = `visitor-${String(visitor).padStart(8, "0")}`;
    const query = new URLSearchParams({ page: this.url, userId });
    if (hasPings && client === "ping") query.set("v", "2");
    if (isObserver) query.set("observe", "1");
    this.truth.join(number, isObserver ? null : visitor);
    const tab = new Tab(
      {
        tab: number,
        visitor,
        client: hasPings ? client : "contract",
        isObserver,
        isRude: rude === true,
        userId,
        page: this.url,
        port: this.server.port,
        path: `/ws?${query.toString()}`,
        beatMs,
        reconnectMs: RECONNECT_MS,
        random: this.#random,
      },
      this.#events(),
    );
    this.tabs.set(number, tab);
    return tab;
  }

  /** A tab ends from its side without a word, by `act`. */
  cutOff(tab: Tab, act: () => void): void {
    const isYoung = Date.now() - tab.life.sinceMs < YOUNG_MS;
    this.end(tab, act);
    // workerd does not always hear of the end of a connection that was just made.
    if (isYoung) this.truth.silence(tab.options.tab, Date.now() + this.terms.silenceEndsMs);
  }

  /** A tab ends from its side, by `act`. */
  end(tab: Tab, act: () => void): void {
    const nowMs = Date.now();
    // Who was sent to another object and never gets there is counted until it is certain.
    if (tab.isMoving) this.truth.silence(tab.options.tab, nowMs + this.terms.holdMs);
    else this.truth.leave(tab.options.tab, nowMs);
    act();
  }

  silence(tab: Tab, how: Silence): void {
    if (tab.state === "waiting") return this.end(tab, () => tab.fallSilent(how));
    tab.fallSilent(how);
    this.truth.silence(tab.options.tab, Date.now() + this.terms.silenceEndsMs);
  }

  /** Redeployments and steps of the clock are acts of the server; this marks them as this page's. */
  async actOnServer(act: () => Promise<void>): Promise<void> {
    this.around.isActing = true;
    try {
      await act();
    } finally {
      this.around.isActing = false;
    }
  }

  /** Counts something as pending until it has come to an end. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.pending++;
    try {
      return await work;
    } finally {
      this.pending--;
      this.changed();
    }
  }

  fail(kind: FaultKind, message: string): void {
    this.fault ??= { kind, message };
    this.changed();
  }

  changed(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Waits until something changes, or the time comes. */
  async nextChange(untilMs: number): Promise<void> {
    const waiting = this.#waiting;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, Math.max(0, untilMs - Date.now()));
      function done(): void {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      }
      waiting.add(done);
    });
  }

  /** Cuts off everybody. */
  dispose(): void {
    this.#stopListening();
    this.witness.dispose();
    for (const tab of this.tabs.values()) tab.abort();
    this.changed();
  }

  #events(): TabEvents {
    return {
      changed: () => this.changed(),
      told: (tab, count) => this.witness.told(tab, count),
      refused: (tab, status) => this.witness.refused(tab, status),
      closed: (tab, code) => this.witness.closed(tab, code),
    };
  }
}

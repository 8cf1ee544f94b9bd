import { randomUUID } from "node:crypto";
import { type CloseCase, judgeClose, returnsAfter } from "./judge.ts";
import { Random } from "./random.ts";
import type { ServerEvent, SharedServer } from "./shared-server.ts";
import type { Client, Silence, Step } from "./steps.ts";
import { Tab, type Verdict } from "./tab.ts";
import type { Terms } from "./terms.ts";
import { Truth } from "./truth.ts";

/** What was wrong, and when. */
export interface Fault {
  readonly kind: FaultKind;
  readonly message: string;
}

export type FaultKind =
  /** At a quiet point somebody was not shown the truth. */
  | "wrong count"
  /** The page itself did not know the truth. */
  | "wrong own count"
  /** A count was right, and changed though nothing happened. */
  | "did not stay"
  /** At some moment somebody was told more visitors than there can have been. */
  | "told too many"
  /** At some moment somebody was told fewer visitors than had been there for long. */
  | "told too few"
  /** A connection was closed for no reason. */
  | "closed for no reason"
  /** At a quiet point something was still to be done. */
  | "not done";

export interface PageOptions {
  readonly terms: Terms;
  /** Of the times at which clients do things; the same seed gives much the same times. */
  readonly seed: number;
  /** Name of shard `k` of a page's object; null where pages are never spread. */
  readonly shardName: ((page: string, shard: number) => string) | null;
}

/** One page of a server, with everybody who is on it and what is true of it. */
export class Page {
  /** Absolute, and so the name of its object. */
  readonly url: string = `https://exact.test/${randomUUID()}`;
  readonly options: PageOptions;
  readonly truth: Truth = new Truth();
  readonly tabs: Map<number, Tab> = new Map();
  readonly random: Random;
  readonly server: SharedServer;
  /** The first thing that was found wrong. */
  fault: Fault | null = null;
  /** Last time that something happened which a client may need a while to get over. */
  disturbedAtMs: number = 0;
  /** Things begun that have not come to an end, such as evictions. */
  pending: number = 0;
  /** Steps that other pages of the server have had happen to this one, not yet taken note of. */
  readonly foreign: Step[] = [];
  /** What was told against a count that is to stay. */
  stray: string | null = null;
  #held: number | null = null;
  #cutAtMs = Number.NEGATIVE_INFINITY;
  #isActing = false;
  readonly #clockSteps: { readonly byMs: number; doneMs: number }[] = [];
  #waiting = new Set<() => void>();
  readonly #stopListening: () => void;

  constructor(server: SharedServer, options: PageOptions) {
    this.server = server;
    this.options = options;
    this.random = new Random(options.seed);
    this.#stopListening = server.listen((event) => this.#onServerEvent(event));
  }

  /** Name of the object that is shard `k` of the page. */
  objectName(shard: number): string {
    return this.options.shardName?.(this.url, shard) ?? this.url;
  }

  join(step: { tab: number; visitor: number; client: Client; observe?: true }): Tab {
    const { tab: number, visitor, client, observe = false } = step;
    const { hasPings, beatMs } = this.options.terms;
    const userId = `visitor-${String(visitor).padStart(8, "0")}`;
    const query = new URLSearchParams({ page: this.url, userId });
    if (hasPings && client === "ping") query.set("v", "2");
    if (hasPings && observe) query.set("observe", "1");
    this.truth.join(number, observe ? null : visitor);
    const tab = new Tab(
      {
        tab: number,
        visitor,
        client: hasPings ? client : "contract",
        isObserver: observe,
        userId,
        page: this.url,
        path: `/ws?${query}`,
        beatMs,
        reconnectMs: 200,
      },
      {
        port: this.server.port,
        random: this.random,
        changed: () => this.changed(),
        told: (teller, count) => this.#judgeCount(teller, count),
        closed: (closed, code) => this.#judgeClose(closed, code),
      },
    );
    this.tabs.set(number, tab);
    return tab;
  }

  silence(tab: Tab, how: Silence): void {
    const wasOpen = tab.state === "open";
    tab.fallSilent(how);
    const { silenceEndsMs } = this.options.terms;
    if (wasOpen) this.truth.silence(tab.options.tab, Date.now() + silenceEndsMs);
    else this.truth.leave(tab.options.tab, Date.now());
  }

  /** Redeployments and steps of the clock are acts of the server; this marks them as this page's. */
  async actOnServer(act: () => Promise<void>): Promise<void> {
    this.#isActing = true;
    try {
      await this.during(act());
    } finally {
      this.#isActing = false;
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

  /** Connections are about to be cut, so for a while that is no fault. */
  cut(): void {
    this.#cutAtMs = Date.now();
    this.disturb();
  }

  disturb(): void {
    this.disturbedAtMs = Date.now();
  }

  /** From here on every count must be this one, or {@link stray} says which was not. */
  hold(count: number | null): void {
    this.#held = count;
    this.stray = null;
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
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, Math.max(0, untilMs - Date.now()));
      const waiting = this.#waiting;
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
    for (const tab of this.tabs.values()) tab.kill("terminate");
    this.changed();
  }

  #onServerEvent(event: ServerEvent): void {
    this.disturb();
    switch (event.kind) {
      case "cutting":
        if (!this.#isActing) this.foreign.push({ do: "redeploy" });
        this.#cutAtMs = Date.now();
        break;
      case "redeployed":
        this.#cutAtMs = Date.now();
        break;
      case "clock":
        if (!this.#isActing) this.foreign.push({ do: "clock", byMs: event.byMs });
        if (event.byMs < 0) this.truth.extendSilences(-event.byMs);
        this.#clockSteps.push({ byMs: event.byMs, doneMs: Number.POSITIVE_INFINITY });
        break;
      case "clock stepped":
        for (const step of this.#clockSteps) step.doneMs = Math.min(step.doneMs, Date.now());
        break;
    }
  }

  #judgeCount(tab: Tab, count: number): void {
    if (this.#held !== null && count !== this.#held) {
      this.stray ??= `${nameOf(tab)} was told ${count}, not ${this.#held}`;
    }
    const { lagMs } = this.options.terms;
    const most = this.truth.mostAt(Date.now(), lagMs);
    if (count <= most || tab.isPaused) return;
    this.fail("told too many", `${nameOf(tab)} was told ${count}, of ${most} possible`);
  }

  #judgeClose(tab: Tab, code: number | null): Verdict {
    const { tab: number } = tab.options;
    const nowMs = Date.now();
    const close: CloseCase = {
      code,
      nowMs,
      provenAliveMs: tab.provenAliveMs,
      clockForwardMs: this.#forwardSince(tab.provenAliveMs),
      owesClose: tab.owesClose,
      messages: tab.messagesSince(nowMs - this.options.terms.lagMs),
      tabsBeside: this.truth.tabsBeside(number, nowMs - this.options.terms.lagMs),
      cutAtMs: this.#cutAtMs,
      mayMove: this.options.shardName !== null,
    };
    const problem = judgeClose(close, this.options.terms);
    if (problem !== null && tab.state !== "silent") {
      this.fail("closed for no reason", `${nameOf(tab)}: ${problem}`);
    }
    this.disturb();
    if (returnsAfter(code)) return "return";
    this.truth.leave(number, nowMs);
    return "stay away";
  }

  #forwardSince(sinceMs: number): number {
    const since = this.#clockSteps.filter(({ doneMs }) => doneMs >= sinceMs);
    return since.reduce((sum, { byMs }) => sum + Math.max(0, byMs), 0);
  }
}

/** How a tab is called in messages. */
export function nameOf(tab: Tab): string {
  const { tab: number, visitor, client, isObserver } = tab.options;
  return `tab ${number} (${client}, ${isObserver ? "observer" : `visitor ${visitor}`})`;
}

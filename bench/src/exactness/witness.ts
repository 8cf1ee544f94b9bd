import { CLOSE_MOVED } from "@visitor-tracker/protocol";
import type { FaultKind } from "./fault.ts";
import { judgeClose, returnsAfter } from "./judge.ts";
import { nameOf } from "./name-of.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Verdict } from "./tab-options.ts";
import type { Tab } from "./tab.ts";
import type { Terms } from "./terms.ts";
import type { Truth } from "./truth.ts";

/** News of a close may come this much later than a count without its visitor. */
const NEWS_MS = 2_000;

export interface WitnessOptions {
  readonly terms: Terms;
  readonly truth: Truth;
  readonly tabs: ReadonlyMap<number, Tab>;
  readonly around: Surroundings;
  readonly fail: (kind: FaultKind, message: string) => void;
}

/** Judges everything that a page's tabs are told, at any moment. */
export class Witness {
  readonly #options: WitnessOptions;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #held: number | null = null;
  /** What was told against a count that is to stay. */
  stray: string | null = null;
  /** Connections that were told to go to another object of the page. */
  moves: number = 0;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** From here on every count must be this one, or {@link stray} says which was not. */
  hold(count: number | null): void {
    this.#held = count;
    this.stray = null;
  }

  told(tab: Tab, count: number): void {
    if (this.#held !== null && count !== this.#held) {
      this.stray ??= `${nameOf(tab)} was told ${count}, not ${this.#held}`;
    }
    // It may read what was said long ago.
    if (tab.isPaused) return;
    const { terms, truth, fail } = this.#options;
    const most = truth.mostAt(Date.now(), terms.lagMs);
    if (count > most) {
      fail("told too many", `${nameOf(tab)} was told ${count}, of ${most} possible`);
    }
    this.#judgeLeast(tab, count);
  }

  /** A page that is just being spread over several objects may ask for patience. */
  refused(tab: Tab, status: number): void {
    const { terms, around, fail } = this.#options;
    around.disturb();
    if (status === 503 && terms.shards > 1) return;
    fail("refused for no reason", `${nameOf(tab)} was refused with ${status}`);
  }

  closed(tab: Tab, code: number | null): Verdict {
    const { terms, truth, around, fail } = this.#options;
    const { tab: number } = tab.options;
    const nowMs = Date.now();
    const problem = judgeClose(
      {
        code,
        nowMs,
        isContractClient: tab.options.client === "contract",
        provenAliveMs: tab.life.provenMs,
        clockForwardMs: around.clockForwardSince(tab.life.provenMs),
        owesClose: tab.owesClose,
        messages: tab.life.messagesSince(nowMs - terms.lagMs),
        tabsBeside: truth.tabsBeside(number, nowMs - terms.lagMs),
        cutAtMs: around.cutAtMs,
        mayMove: terms.shards > 1,
      },
      terms,
    );
    if (problem !== null && tab.state !== "silent") {
      fail("closed for no reason", `${nameOf(tab)}: ${problem}`);
    }
    around.disturb();
    if (code === CLOSE_MOVED) this.moves++;
    if (returnsAfter(code)) return "return";
    truth.leave(number, nowMs);
    return "stay away";
  }

  dispose(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Who has been there for long without a break must be in every count. */
  #judgeLeast(tab: Tab, count: number): void {
    const { terms, around, fail } = this.#options;
    const nowMs = Date.now();
    if (around.upsetAtMs > nowMs - terms.lagMs) return;
    const steady = this.#steadySince(nowMs - terms.steadyMs);
    if (count >= visitorsOf(steady).size) return;
    const { upsetAtMs } = around;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (around.upsetAtMs !== upsetAtMs) return;
      // The server may have closed some of them just before, and only now they know.
      const there = visitorsOf(steady.filter(({ brokenAtMs }) => brokenAtMs < nowMs));
      if (count >= there.size) return;
      const all = [...there].join(", ");
      fail("told too few", `${nameOf(tab)} was told ${count}, with visitors ${all} there for long`);
    }, NEWS_MS);
    this.#timers.add(timer);
  }

  #steadySince(ms: number): Tab[] {
    return [...this.#options.tabs.values()].filter(
      ({ options, steadySinceMs, owesClose }) =>
        !options.isObserver && !owesClose && steadySinceMs !== null && steadySinceMs <= ms,
    );
  }
}

function visitorsOf(tabs: readonly Tab[]): Set<number> {
  return new Set(tabs.map(({ options }) => options.visitor));
}

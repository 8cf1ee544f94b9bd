import { Random } from "./random.ts";
import { type Client, GARBAGE, KILLS, SILENCES, type Step } from "./steps.ts";

/** What may happen, and how often in relation to each other. */
const WEIGHTS = {
  join: 10,
  abort: 3,
  leave: 4,
  kill: 4,
  silence: 2.5,
  pause: 1.5,
  resume: 1,
  beat: 2,
  beatAndLeave: 1.5,
  garbage: 2,
  flood: 0.4,
  sleep: 4,
  restart: 0.6,
  redeploy: 0.15,
  clock: 0.6,
  /** Not steps, but who joins: a visitor's other tab, an observer, one without manners, a client of each kind. */
  tabs: 3.5,
  observers: 1,
  rude: 2,
  contract: 4,
  ping: 6,
} as const;

export type Kind = keyof typeof WEIGHTS;

export const KINDS: readonly Kind[] = Object.keys(WEIGHTS).filter(isKind);

export function isKind(name: string): name is Kind {
  return name in WEIGHTS;
}

export interface GenerateOptions {
  /** Checks included. */
  readonly steps: number;
  /** What may happen at all. */
  readonly kinds: readonly Kind[];
  /** The clock is stepped by at most this, forward or back. */
  readonly maxClockStepMs: number;
  /** Objects that the page may be spread over. @default 1 */
  readonly shards?: number;
}

/** Pages stay small, so that a step matters to them; some so small that nobody sees it. */
const MOST_TABS = [1, 2, 4, 8, 14];
const VISITORS = 22;

/** Makes up what happens to a page. The same seed and options give the same steps. */
export function generate(seed: number, options: GenerateOptions): Step[] {
  return new Generator(seed, options).steps();
}

class Generator {
  readonly #random: Random;
  readonly #options: GenerateOptions;
  /** Weights of this seed: most kinds happen, so that over many seeds each meets each alone. */
  readonly #weights: ReadonlyMap<Kind, number>;
  readonly #mostTabs: number;
  /** Tabs that are there, with their visitors. */
  readonly #here = new Map<number, number>();
  #tabs = 0;
  /** The tab that was paused last. */
  #paused: number | null = null;

  constructor(seed: number, options: GenerateOptions) {
    this.#random = new Random(seed);
    this.#options = options;
    this.#mostTabs = this.#random.pick(MOST_TABS) ?? 0;
    const chosen = options.kinds.filter((kind) => kind === "join" || this.#random.chance(0.75));
    // After an abort workerd 1.20261102.1 keeps the object awake, see docs/design/exactness.md.
    const isAborting = options.kinds.includes("abort") && this.#random.chance(0.2);
    const excluded: readonly Kind[] = isAborting ? ["sleep", "restart"] : ["abort"];
    const kinds = chosen.filter((kind) => !excluded.includes(kind));
    this.#weights = new Map(kinds.map((kind) => [kind, WEIGHTS[kind]]));
  }

  steps(): Step[] {
    const steps: Step[] = [];
    while (steps.length < this.#options.steps - 1) {
      const left = this.#options.steps - 1 - steps.length;
      const length = Math.min(left, this.#random.between(3, 14));
      for (let number = 0; number < length; number++) steps.push(this.#timed(this.#step()));
      steps.push({ do: "check" });
    }
    return steps;
  }

  #timed(step: Step): Step {
    const afterMs = this.#random.weighted([
      [0, 6],
      [this.#random.between(1, 30), 3],
      [this.#random.between(50, 400), 2],
      // Long enough for everyone to have been there for long.
      [1_500, 0.2],
    ]);
    return afterMs === undefined || afterMs === 0 ? step : { ...step, afterMs };
  }

  #step(): Step {
    const tab = this.#random.pick([...this.#here.keys()]);
    const kind = this.#kind(this.#here.size < this.#mostTabs ? isStep : isEnd);
    if (kind === "abort") return { do: kind, tab: ++this.#tabs, visitor: this.#visitor() };
    if (tab === undefined || kind === "join") return this.#join();
    if (kind === "redeploy") return { do: kind };
    if (kind === "sleep" || kind === "restart") return this.#evict(kind);
    if (kind === "clock") return { do: kind, byMs: this.#clockStepMs() };
    if (kind === "resume") return { do: kind, tab: this.#paused ?? tab };
    if (kind === "pause") this.#paused = tab;
    if (kind === "pause" || kind === "beat") return { do: kind, tab };
    if (kind === "garbage") return { do: kind, tab, what: this.#random.pick(GARBAGE) ?? "text" };
    this.#here.delete(tab);
    return this.#end(kind, tab);
  }

  #evict(kind: "sleep" | "restart"): Step {
    const shard = this.#random.between(0, (this.#options.shards ?? 1) - 1);
    return shard === 0 ? { do: kind } : { do: kind, shard };
  }

  /** One of this seed's kinds that matches. */
  #kind(matches: (kind: Kind) => boolean): Kind {
    return this.#random.weighted([...this.#weights].filter(([kind]) => matches(kind))) ?? "leave";
  }

  #end(kind: Kind, tab: number): Step {
    if (kind === "kill") return { do: kind, tab, how: this.#random.pick(KILLS) ?? "rst" };
    if (kind === "silence") return { do: kind, tab, how: this.#random.pick(SILENCES) ?? "mute" };
    if (kind === "beatAndLeave" || kind === "flood") return { do: kind, tab };
    return { do: "leave", tab };
  }

  #join(): Step {
    const tab = ++this.#tabs;
    const visitor = this.#visitor();
    this.#here.set(tab, visitor);
    const client: Client = this.#flip("contract", "ping") ? "contract" : "ping";
    const observe = this.#random.chance((this.#weights.get("observers") ?? 0) / 10);
    const rude = this.#random.chance((this.#weights.get("rude") ?? 0) / 10);
    const manners = { ...(observe ? { observe } : {}), ...(rude ? { rude } : {}) };
    return { do: "join", tab, visitor, client, ...manners };
  }

  /** One who is here with another tab, or one who is not. */
  #visitor(): number {
    const here = [...this.#here.values()];
    if (here.length > 0 && this.#random.chance((this.#weights.get("tabs") ?? 0) / 10)) {
      return this.#random.pick(here) ?? 0;
    }
    const others = Array.from({ length: VISITORS }, (_, index) => index + 1);
    return this.#random.pick(others.filter((visitor) => !here.includes(visitor))) ?? 0;
  }

  #flip(kind: Kind, other: Kind): boolean {
    const weight = this.#weights.get(kind) ?? 0;
    const total = weight + (this.#weights.get(other) ?? 0);
    return this.#random.chance(total === 0 ? 0 : weight / total);
  }

  #clockStepMs(): number {
    const byMs = this.#random.between(50, this.#options.maxClockStepMs);
    return this.#random.chance(0.5) ? byMs : -byMs;
  }
}

function isStep(kind: Kind): boolean {
  return !["tabs", "observers", "rude", "contract", "ping"].includes(kind);
}

/** Whether a tab is not there any more afterwards. */
function isEnd(kind: Kind): boolean {
  return ["leave", "kill", "silence", "beatAndLeave", "flood"].includes(kind);
}

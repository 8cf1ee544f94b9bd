import { type Methods, answer } from "../subjects/child.ts";
import { Audience } from "./audience.ts";
import { type DialectName, dialectOf } from "./dialect.ts";
import {
  type ChurnOptions,
  type ChurnOutcome,
  type JoinOptions,
  type JoinOutcome,
  type LatencyOptions,
  type LatencyOutcome,
  churn,
  join,
  latency,
  quiet,
} from "./loads.ts";
import { type ReadOptions, type ReadOutcome, readLoad } from "./reads.ts";
import { type Usage, UsageMeter } from "./usage.ts";

// The load generator: a child process, so that it takes nothing of the time of what it measures.

export interface OpenOptions {
  readonly ports: readonly number[];
  readonly page: string;
  /** @default 1 */
  readonly pages?: number;
  readonly dialect: DialectName;
}

/** What the visitors of the page have seen so far. */
export interface Tally {
  /** Visitors that are connected, and that are to be. */
  readonly size: number;
  readonly intended: number;
  readonly counts: number;
  readonly pongs: number;
  readonly bytes: number;
  /** How many visitors each count is shown to. */
  readonly shown: ReadonlyMap<number, number>;
  readonly moved: number;
  readonly turnedAway: number;
  readonly lost: number;
  /** Why the first of the lost was lost; empty when none was. */
  readonly refusal: string;
}

/** What the generator does; see `loads.ts`. */
export type Load = {
  /** Starts with an empty page. */
  open(options: OpenOptions): void;
  join(options: JoinOptions): Promise<JoinOutcome>;
  /** Opens connections. @returns whether everyone was connected in time */
  enter(options: { readonly count: number; readonly timeoutMs: number }): Promise<boolean>;
  latency(options: LatencyOptions): Promise<LatencyOutcome>;
  churn(options: ChurnOptions): Promise<ChurnOutcome>;
  quiet(seconds: number): Promise<number>;
  read(options: ReadOptions): Promise<ReadOutcome>;
  /** Waits until everyone is connected and shows this count. @returns whether they did in time */
  sees(options: { readonly count: number; readonly timeoutMs: number }): Promise<boolean>;
  /** Those who joined first leave. @returns whether they were gone in time */
  leave(options: { readonly count: number; readonly timeoutMs: number }): Promise<boolean>;
  tally(): Tally;
  /** Of the generator itself, since it was last asked. */
  usage(): Usage;
  /** Drops all connections. */
  drop(): void;
};

const usage = new UsageMeter();
let opened: Audience | null = null;

function audience(): Audience {
  if (opened === null) throw new Error("no page was opened");
  return opened;
}

const load: Load = {
  open(options) {
    opened?.heartbeats.stop();
    opened = new Audience({ ...options, dialect: dialectOf(options.dialect) });
  },
  join: (options) => join(audience(), options),
  async enter({ count, timeoutMs }) {
    audience().open(count);
    const isIn = (): boolean => audience().size === audience().intended;
    return (await audience().until(isIn, timeoutMs)) !== null;
  },
  latency: (options) => latency(audience(), options),
  churn: (options) => churn(audience(), options),
  quiet: (seconds) => quiet(audience(), seconds),
  read: readLoad,
  async sees({ count, timeoutMs }) {
    const isSeen = (): boolean => audience().showing(count) === audience().intended;
    return (await audience().until(isSeen, timeoutMs)) !== null;
  },
  async leave({ count, timeoutMs }) {
    audience().leave(count);
    return (await audience().until(() => audience().haveLeft, timeoutMs)) !== null;
  },
  tally() {
    const { size, intended, counts, pongs, bytes, shown } = audience();
    const { moved, turnedAway, lost, refusal } = audience();
    return { size, intended, counts, pongs, bytes, shown, moved, turnedAway, lost, refusal };
  },
  usage: () => usage.take(),
  drop: () => audience().destroy(),
};

answer(load satisfies Methods);

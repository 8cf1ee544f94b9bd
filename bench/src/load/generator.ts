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
  readonly port: number;
  readonly page: string;
  readonly dialect: DialectName;
}

/** What the visitors of the page have seen so far. */
export interface Tally {
  readonly size: number;
  readonly counts: number;
  readonly pongs: number;
  readonly bytes: number;
  /** How many visitors each count is shown to. */
  readonly shown: ReadonlyMap<number, number>;
  readonly lost: number;
  readonly moved: number;
  readonly turnedAway: number;
}

/** What the generator does; see `loads.ts`. */
export type Load = {
  /** Starts with an empty page. */
  open(options: OpenOptions): void;
  join(options: JoinOptions): Promise<JoinOutcome>;
  latency(options: LatencyOptions): Promise<LatencyOutcome>;
  churn(options: ChurnOptions): Promise<ChurnOutcome>;
  quiet(seconds: number): Promise<number>;
  read(options: ReadOptions): Promise<ReadOutcome>;
  /** Waits until everyone shows this count. @returns whether they did in time */
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
  latency: (options) => latency(audience(), options),
  churn: (options) => churn(audience(), options),
  quiet: (seconds) => quiet(audience(), seconds),
  read: readLoad,
  async sees({ count, timeoutMs }) {
    const isSeen = (): boolean => audience().showing(count) === audience().size;
    return (await audience().until(isSeen, timeoutMs)) !== null;
  },
  async leave({ count, timeoutMs }) {
    audience().leave(count);
    return (await audience().until(() => audience().haveLeft, timeoutMs)) !== null;
  },
  tally() {
    const { size, counts, pongs, bytes, shown, lost, moved, turnedAway } = audience();
    return { size, counts, pongs, bytes, shown, lost, moved, turnedAway };
  },
  usage: () => usage.take(),
  drop: () => audience().destroy(),
};

answer(load satisfies Methods);

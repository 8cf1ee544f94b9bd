import type { Contestant } from "./contestants.ts";
import { type LoadGenerator, startLoad } from "./load/load.ts";
import type { Usage } from "./load/usage.ts";
import { type ProcessStat, processStat } from "./process-stat.ts";
import { addMeters } from "./subjects/read-meter.ts";
import { type Meter, type Subject, startSubject } from "./subjects/subject.ts";

/** The page that everyone visits. */
export const PAGE = "/posts/hello";
/** Lets code be compiled and caches fill before anything is measured. */
const WARM_UP_JOINS = 20;
const WARM_UP_MS = 30_000;

/** A server, and a load generator in front of it. */
export interface Room extends AsyncDisposable {
  readonly contestant: Contestant;
  readonly subject: Subject;
  readonly load: LoadGenerator;
}

/** What a server did and used while something was done to it. */
export interface Spent {
  readonly wallMs: number;
  /** Of the server's process. */
  readonly cpuMs: number;
  readonly rssKb: number;
  readonly rssGrowthKb: number;
  readonly peakRssKb: number;
  /** Counts and pongs that arrived. */
  readonly counts: number;
  readonly pongs: number;
  readonly bytes: number;
  readonly meter: Meter;
  readonly generator: Usage;
}

/** Starts both, on an empty page. Dispose of it to end both. */
export async function openRoom(contestant: Contestant): Promise<Room> {
  await using stack = new AsyncDisposableStack();
  const { subject: name, settings, dialect } = contestant;
  const subject = stack.use(await startSubject(name, { settings }));
  const load = stack.use(startLoad());
  const ports = [subject.port];
  await load.open({ ports, page: "/warm-up", dialect });
  await load.join({ count: WARM_UP_JOINS, timeoutMs: WARM_UP_MS });
  await load.leave({ count: WARM_UP_JOINS, timeoutMs: WARM_UP_MS });
  await load.open({ ports, page: PAGE, dialect });
  const owned = stack.move();
  return {
    contestant,
    subject,
    load,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** @throws Error when not everyone got in, or was told the right number, within the time */
export async function fill({ contestant, load }: Room, count: number): Promise<void> {
  const timeoutMs = 120_000;
  const { admitted, correct, shownMs, refusal } = await load.join({ count, timeoutMs });
  if (shownMs !== null) return;
  throw new Error(
    `${contestant.label}: of ${count} visitors ${admitted} got in and ${correct} saw the right ` +
      `number within ${timeoutMs / 1_000} s${refusal === "" ? "" : `; refused: ${refusal}`}`,
  );
}

/** Does something, and tells what it took. */
export async function spend<Result>(
  { subject, load }: Room,
  act: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly spent: Spent }> {
  const before = await read(subject, load);
  await load.usage();
  const startMs = performance.now();
  const result = await act();
  const wallMs = performance.now() - startMs;
  const generator = await load.usage();
  const stat = processStat(subject.pid);
  const after = await read(subject, load);
  const spent: Spent = {
    wallMs,
    cpuMs: stat.cpuMs - before.stat.cpuMs,
    rssKb: stat.rssKb,
    rssGrowthKb: stat.rssKb - before.stat.rssKb,
    peakRssKb: stat.peakRssKb,
    counts: after.counts - before.counts,
    pongs: after.pongs - before.pongs,
    bytes: after.bytes - before.bytes,
    meter: addMeters(after.meter, before.meter, -1),
    generator,
  };
  return { result, spent };
}

interface Reading {
  readonly meter: Meter;
  readonly stat: ProcessStat;
  readonly counts: number;
  readonly pongs: number;
  readonly bytes: number;
}

async function read(subject: Subject, load: LoadGenerator): Promise<Reading> {
  const { counts, pongs, bytes } = await load.tally();
  // The process last: asking for the meter costs it something, too.
  const meter = await subject.meter();
  return { meter, stat: processStat(subject.pid), counts, pongs, bytes };
}

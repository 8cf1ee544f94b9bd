import { setTimeout as sleep } from "node:timers/promises";
import { isSweepDue } from "../../../client/src/timing.ts";
import { percentile } from "../percentile.ts";
import type { Audience } from "./audience.ts";
import type { Dialect } from "./dialect.ts";

export interface JoinOptions {
  readonly count: number;
  readonly timeoutMs: number;
}

export interface JoinOutcome {
  /** Connections that were accepted. */
  readonly admitted: number;
  /** How many of them showed the right count in the end. */
  readonly correct: number;
  /** Until all were accepted; null when not all were in time. */
  readonly openedMs: number | null;
  /** Until each showed the number of all; null when not within the time. */
  readonly shownMs: number | null;
  readonly refusal: string;
}

/** Opens connections as fast as they are accepted, until each shows the number of all. */
export async function join(
  audience: Audience,
  { count, timeoutMs }: JoinOptions,
): Promise<JoinOutcome> {
  const target = audience.size + count;
  const startMs = performance.now();
  let openedAtMs: number | null = null;
  audience.open(count);
  const shownAtMs = await audience.until(() => {
    if (audience.size === target) openedAtMs ??= performance.now();
    return audience.showing(target) === target;
  }, timeoutMs);
  const since = (atMs: number | null): number | null => (atMs === null ? null : atMs - startMs);
  return {
    admitted: audience.size,
    correct: audience.showing(target),
    openedMs: since(openedAtMs),
    shownMs: since(shownAtMs),
    refusal: audience.refusal,
  };
}

export interface LatencyOptions {
  readonly joins: number;
  /** Rest before each. */
  readonly gapMs: number;
}

export interface LatencyOutcome {
  /** From the request to the new count, over all visitors and joins. Null when one never came. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** Lets one visitor join at a time, and sees how long all others take to hear of it. */
export async function latency(
  audience: Audience,
  { joins, gapMs }: LatencyOptions,
): Promise<LatencyOutcome> {
  const delays: number[] = [];
  for (let index = 0; index < joins; index++) {
    await sleep(gapMs);
    const target = audience.size + 1;
    const startMs = performance.now();
    audience.open(1);
    const shown = await audience.until(() => audience.showing(target) === target, 10_000);
    if (shown === null) return { p50Ms: null, p99Ms: null };
    for (const { countedAtMs } of audience.visitors) delays.push(countedAtMs - startMs);
  }
  return { p50Ms: percentile(delays, 0.5), p99Ms: percentile(delays, 0.99) };
}

export interface ChurnOptions {
  readonly perSecond: number;
  readonly seconds: number;
  readonly timeoutMs: number;
}

export interface ChurnOutcome {
  /** How much longer it took than it should have. */
  readonly lateMs: number;
  /** From the last join to when all show the right count; null when not within the time. */
  readonly settledMs: number | null;
}

/** As many visitors join as leave, at a steady pace; the last one joins when all others are done. */
export async function churn(
  audience: Audience,
  { perSecond, seconds, timeoutMs }: ChurnOptions,
): Promise<ChurnOutcome> {
  const startMs = performance.now();
  const size = audience.size;
  const total = perSecond * seconds;
  for (let index = 1; index <= total; index++) {
    audience.open(1);
    audience.leave(1);
    await sleep(Math.max(0, startMs + (index * 1_000) / perSecond - performance.now()));
  }
  const isDone = (): boolean => audience.size === size && audience.haveLeft;
  const doneAtMs = await audience.until(isDone, timeoutMs);
  const lateMs = performance.now() - startMs - seconds * 1_000;
  const { shownMs } = await join(audience, { count: 1, timeoutMs });
  return { lateMs, settledMs: doneAtMs === null ? null : shownMs };
}

export interface QuietOptions {
  readonly dialect: Dialect;
  readonly page: string;
  readonly seconds: number;
}

const HEARTBEAT_MS = 20_000;

/**
 * Nobody joins or leaves: everyone only says every 20 s, evenly spread, that they are there.
 * @returns signs of life that were sent
 */
export async function quiet(audience: Audience, options: QuietOptions): Promise<number> {
  const { dialect, page, seconds } = options;
  const visitors = [...audience.visitors];
  const due = Math.round((visitors.length * seconds * 1_000) / HEARTBEAT_MS);
  const startMs = performance.now();
  let sent = 0;
  for (let index = 0; index < due; index++) {
    const dueMs = startMs + (index * HEARTBEAT_MS) / visitors.length;
    if (dueMs > performance.now()) await sleep(dueMs - performance.now());
    const visitor = visitors[index % visitors.length];
    if (visitor === undefined) continue;
    const isSweep = isSweepDue(visitors.length, HEARTBEAT_MS, HEARTBEAT_MS, Math.random());
    const frame = dialect.heartbeat(page, visitor.userId, isSweep);
    if (frame === null) continue;
    visitor.send(frame);
    sent++;
  }
  await sleep(Math.max(0, startMs + seconds * 1_000 - performance.now()));
  return sent;
}

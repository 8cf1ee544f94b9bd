import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "../percentile.ts";
import type { Audience } from "./audience.ts";

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
  const target = audience.intended + count;
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
    const target = audience.intended + 1;
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

/** As many visitors join as leave, at random times; one more joins when all others are done. */
export async function churn(
  audience: Audience,
  { perSecond, seconds, timeoutMs }: ChurnOptions,
): Promise<ChurnOutcome> {
  const startMs = performance.now();
  for (const { atMs, isJoin } of randomEvents(perSecond, seconds)) {
    const waitMs = startMs + atMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    if (isJoin) audience.open(1);
    else audience.leave(1);
  }
  const isDone = (): boolean => audience.size === audience.intended && audience.haveLeft;
  const doneAtMs = await audience.until(isDone, timeoutMs);
  const lateMs = Math.max(0, performance.now() - startMs - seconds * 1_000);
  const { shownMs } = await join(audience, { count: 1, timeoutMs });
  return { lateMs, settledMs: doneAtMs === null ? null : shownMs };
}

interface ChurnEvent {
  readonly atMs: number;
  readonly isJoin: boolean;
}

function randomEvents(perSecond: number, seconds: number): ChurnEvent[] {
  const events = Array.from({ length: 2 * perSecond * seconds }, (_, index) => ({
    atMs: Math.random() * seconds * 1_000,
    isJoin: index % 2 === 0,
  }));
  return events.toSorted((a, b) => a.atMs - b.atMs);
}

/**
 * Nobody joins or leaves: everyone only says every 20 s that they are there.
 * @returns signs of life that were sent
 */
export async function quiet(audience: Audience, seconds: number): Promise<number> {
  const before = audience.heartbeats.sent;
  await sleep(seconds * 1_000);
  return audience.heartbeats.sent - before;
}

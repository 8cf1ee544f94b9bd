// @vitest-environment node
import { CLOSE_MOVED, CLOSE_PAGE_FULL } from "@visitor-tracker/protocol";
import { describe, expect, test } from "vitest";
import { reconnectWindowMs } from "../src/timing.ts";

const VISITORS = 5_000;
const MAX_BACKOFF_MS = 60_000;

/** What the server makes of an attempt: accepted, no answer at all, or a close with this code. */
type Answer = "accepted" | "unreachable" | typeof CLOSE_PAGE_FULL;

interface Loss {
  readonly atMs: number;
  readonly code?: number;
}

interface Herd {
  /** When each attempt was made, ascending. */
  readonly attemptsMs: number[];
  /** When each visitor was accepted, ascending. */
  readonly backMs: number[];
  /** Longest that a visitor was away. */
  readonly longestMs: number;
}

/** Every visitor loses its connection once and tries again by the client's own rule. */
function simulate(
  losses: readonly Loss[],
  answer: (atMs: number) => Answer,
  untilMs: number,
): Herd {
  const random = seededRandom(20_261_124);
  const attemptsMs: number[] = [];
  const backMs: number[] = [];
  let longestMs = 0;
  const due = losses.map((loss) => ({ loss, attempts: 0, atMs: loss.atMs, code: loss.code }));
  for (const visitor of due) visitor.atMs += nextDelayMs(visitor, random);
  // Attempts in the order of time, since what the server answers depends on those before.
  for (;;) {
    let next = due[0];
    for (const visitor of due) if (next && visitor.atMs < next.atMs) next = visitor;
    if (next === undefined || next.atMs > untilMs) break;
    attemptsMs.push(next.atMs);
    const said = answer(next.atMs);
    if (said === "accepted") {
      backMs.push(next.atMs);
      longestMs = Math.max(longestMs, next.atMs - next.loss.atMs);
      due.splice(due.indexOf(next), 1);
      continue;
    }
    next.code = said === "unreachable" ? undefined : said;
    next.attempts++;
    next.atMs += nextDelayMs(next, random);
  }
  return { attemptsMs, backMs, longestMs };
}

function nextDelayMs(
  { attempts, code }: { readonly attempts: number; readonly code: number | undefined },
  random: () => number,
): number {
  return random() * Math.min(MAX_BACKOFF_MS, reconnectWindowMs(attempts, VISITORS, code));
}

/** Most of them within any one second. */
function peakPerSecond(timesMs: readonly number[]): number {
  let peak = 0;
  for (let first = 0, last = 0; last < timesMs.length; last++) {
    while ((timesMs[last] ?? 0) - (timesMs[first] ?? 0) >= 1_000) first++;
    peak = Math.max(peak, last - first + 1);
  }
  return peak;
}

/** When 99% of all visitors were back; infinite when they never were. */
function mostBackMs({ backMs }: Herd): number {
  return backMs[Math.ceil(0.99 * VISITORS) - 1] ?? Number.POSITIVE_INFINITY;
}

/** Mulberry32: the same draws in each run. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = Math.trunc(state + 0x6d2b79f5);
    let hash = Math.imul(state ^ (state >>> 15), state | 1);
    hash ^= hash + Math.imul(hash ^ (hash >>> 7), hash | 61);
    return ((hash ^ (hash >>> 14)) >>> 0) / 2 ** 32;
  };
}

const allAtOnce = Array.from({ length: VISITORS }, (): Loss => ({ atMs: 0 }));

describe(`${VISITORS} visitors of one page`, () => {
  test("are back within 11 s of a restart, at fewer than 550 a second", () => {
    const herd = simulate(allAtOnce, () => "accepted", 60_000);
    expect(herd.attemptsMs).toHaveLength(VISITORS);
    expect(peakPerSecond(herd.attemptsMs)).toBeLessThan(550);
    expect(mostBackMs(herd)).toBeLessThan(11_000);
    expect(herd.longestMs).toBeLessThan(11_000);
  });

  test("ask a server that is away for a minute ever less, and are back a minute after it is", () => {
    const herd = simulate(
      allAtOnce,
      (atMs) => (atMs < 60_000 ? "unreachable" : "accepted"),
      180_000,
    );
    expect(peakPerSecond(herd.attemptsMs)).toBeLessThan(750);
    expect(peakPerSecond(herd.attemptsMs.filter((atMs) => atMs > 45_000))).toBeLessThan(250);
    expect(mostBackMs(herd)).toBeLessThan(120_000);
  });

  test("turned away by a server that takes 100 a second, are nearly all in after 65 seconds", () => {
    let allowance = 500;
    let toppedUpMs = 0;
    const herd = simulate(
      allAtOnce,
      (atMs) => {
        allowance = Math.min(500, allowance + (atMs - toppedUpMs) / 10);
        toppedUpMs = atMs;
        if (allowance < 1) return CLOSE_PAGE_FULL;
        allowance--;
        return "accepted";
      },
      600_000,
    );
    expect(peakPerSecond(herd.attemptsMs)).toBeLessThan(600);
    expect(mostBackMs(herd)).toBeLessThan(65_000);
  });

  test("ask a page that stays full about 170 times a second after two minutes", () => {
    const herd = simulate(allAtOnce, () => CLOSE_PAGE_FULL, 300_000);
    const settledMs = herd.attemptsMs.filter((atMs) => atMs > 120_000);
    expect(settledMs.length / 180).toBeLessThan(175);
    expect(peakPerSecond(settledMs)).toBeLessThan(225);
  });

  test("moved a hundred each 100 ms, are each back within a second", () => {
    const moved = Array.from({ length: VISITORS }, (_, index): Loss => {
      return { atMs: Math.floor(index / 100) * 100, code: CLOSE_MOVED };
    });
    const herd = simulate(moved, () => "accepted", 60_000);
    expect(herd.longestMs).toBeLessThan(1_000);
    expect(peakPerSecond(herd.attemptsMs)).toBeLessThan(1_150);
    expect(mostBackMs(herd)).toBeLessThan(6_000);
  });
});

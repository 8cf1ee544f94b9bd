import {
  BROADCAST_MESSAGES_PER_SECOND,
  DEFAULT_LIMITS,
  HEARTBEAT_INTERVAL_MS,
  MAX_BROADCAST_INTERVAL_MS,
  MIN_BROADCAST_INTERVAL_MS,
} from "@visitor-tracker/protocol";
import type { PageTraffic } from "./traffic.ts";

/** Visitors of a page who look for vanished ones in each interval between beats. */
const SWEEPERS_PER_BEAT = 2;

const BEAT_S = HEARTBEAT_INTERVAL_MS / 1_000;
const STALE_S = DEFAULT_LIMITS.staleAfterMs / 1_000;

/** JSON heartbeats of one contract client. */
export const HEARTBEATS_PER_SECOND: number = 1 / BEAT_S;

/** Probability that somebody is there, of a Poisson number with this mean. */
export function chanceOfAny(mean: number): number {
  return -Math.expm1(-mean);
}

/**
 * JSON heartbeats a second that clients with `v=2` send on a page, to have it look for vanished
 * visitors: about two in each interval, whatever the crowd, none by who is alone, and none within
 * an interval after a count was sent.
 */
export function sweepsPerSecond({ visitors, joinsPerSecond, contractShare }: PageTraffic): number {
  const chanceOfTwo = Math.max(0, 1 - Math.exp(-visitors) * (1 + visitors));
  const chanceOfQuiet = Math.exp(-2 * joinsPerSecond * BEAT_S);
  return (SWEEPERS_PER_BEAT / BEAT_S) * (1 - contractShare) * chanceOfTwo * chanceOfQuiet;
}

/**
 * Alarms a second that watch the contract clients of a page. The next one is due 45 seconds after
 * the oldest of their last beats: 25 to 45 seconds from now, the sooner the more they are.
 * @param contractVisitors present at once, on average
 */
export function alarmsPerSecond(contractVisitors: number): number {
  const chance = chanceOfAny(contractVisitors);
  if (chance === 0) return 0;
  const whenAny = contractVisitors / chance;
  const oldestBeatS = (BEAT_S * whenAny) / (whenAny + 1);
  return chance / (STALE_S - oldestBeatS);
}

/** How often a page's first contract client comes, and as often its last one leaves. */
export function watchesPerSecond({ visitors, joinsPerSecond, contractShare }: PageTraffic): number {
  return joinsPerSecond * contractShare * Math.exp(-visitors * contractShare);
}

/** Least time between two broadcasts to that many connections, as the Worker spaces them. */
export function broadcastWindowS(connections: number): number {
  const wantedMs = (connections / BROADCAST_MESSAGES_PER_SECOND) * 1_000;
  const ms = Math.min(MAX_BROADCAST_INTERVAL_MS, Math.max(MIN_BROADCAST_INTERVAL_MS, wantedMs));
  return ms / 1_000;
}

export interface Broadcasts {
  readonly perSecond: number;
  /** Share of the time in which a timer waits for the next one, so that the object cannot hibernate. */
  readonly waitingShare: number;
}

/**
 * Broadcasts of changes that come at random: the first at once, the following ones together when
 * the window after it is over. A renewal process: one cycle lasts from broadcast to broadcast.
 */
export function broadcasts(changesPerSecond: number, windowS: number): Broadcasts {
  if (changesPerSecond === 0) return { perSecond: 0, waitingShare: 0 };
  const expected = changesPerSecond * windowS;
  const cycle = expected + Math.exp(-expected);
  return {
    perSecond: changesPerSecond / cycle,
    waitingShare: Math.max(0, expected + Math.expm1(-expected)) / cycle,
  };
}

/** Events a second that are left when, after each one, the others of `windowS` are dropped. */
export function throttled(perSecond: number, windowS: number): number {
  return perSecond / (1 + perSecond * windowS);
}

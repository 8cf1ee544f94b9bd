/** No alarm is sooner than this after the one before, so that deadlines close together cost one. */
const ALARM_SPACING_MS = 1_000;

/** Whether a connection whose last sign of life was at `aliveMs` is to be dropped. */
export function isStale(aliveMs: number, nowMs: number, staleAfterMs: number): boolean {
  return nowMs - aliveMs >= staleAfterMs;
}

export interface AlarmTiming {
  readonly nowMs: number;
  readonly staleAfterMs: number;
}

/**
 * When to look again for connections that may fall silent: the first deadline, a second from now at
 * the soonest. Who beats in time moves their deadline, so this is rare.
 * @param aliveMs last sign of life of each of them
 * @returns milliseconds since the epoch; null when there are none
 */
export function nextAlarmMs(aliveMs: Iterable<number>, timing: AlarmTiming): number | null {
  let first = Number.POSITIVE_INFINITY;
  for (const ms of aliveMs) first = Math.min(first, ms);
  if (first === Number.POSITIVE_INFINITY) return null;
  return Math.max(first + timing.staleAfterMs, timing.nowMs + ALARM_SPACING_MS);
}

/** Whether `sinceMs` is less than `ms` ago. What is yet to come is not: the clock was set back. */
export function isWithin(sinceMs: number, nowMs: number, ms: number): boolean {
  return sinceMs <= nowMs && nowMs - sinceMs < ms;
}

/** What is left of the `ms` after `sinceMs`: 0 to `ms`, wherever the clock was set meanwhile. */
export function remainingMs(sinceMs: number, nowMs: number, ms: number): number {
  return Math.min(ms, Math.max(0, sinceMs + ms - nowMs));
}

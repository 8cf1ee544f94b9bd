/** Whether `sinceMs` is less than `ms` ago. What is yet to come is not: the clock was set back. */
export function isWithin(sinceMs: number, nowMs: number, ms: number): boolean {
  return sinceMs <= nowMs && nowMs - sinceMs < ms;
}

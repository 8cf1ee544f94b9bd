/** What a page last told its site's directory. */
export interface Report {
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** A change by this part of what was reported is big. */
const BIG_CHANGE = 0.2;
const BIG_CHANGE_WITHIN_MS = 15_000;
const ANY_CHANGE_WITHIN_MS = 60_000;

/**
 * When a page's total is to be reported at the latest: at once from and to zero, 15 s after the
 * last report when it changed by a fifth, 60 s after it for less.
 * @param last null when the page does not know what it reported, since it woke from hibernation
 * @returns milliseconds since the epoch, `nowMs` for at once; null when the directory knows `total`
 */
export function reportDueMs(total: number, last: Report | null, nowMs: number): number | null {
  if (last === null) return nowMs;
  if (total === last.count) return null;
  if (total === 0 || last.count === 0) return nowMs;
  const isBig = Math.abs(total - last.count) >= BIG_CHANGE * last.count;
  const withinMs = isBig ? BIG_CHANGE_WITHIN_MS : ANY_CHANGE_WITHIN_MS;
  // A clock that was set back does not make it wait for longer.
  return Math.max(nowMs, Math.min(last.atMs, nowMs) + withinMs);
}

/** What happened to a crowd, oldest first. Times are milliseconds since the epoch, with fractions. */
export interface CrowdLog {
  /** When each connection was asked for. */
  readonly joinsMs: number[];
  readonly losses: Loss[];
  /** Every count that anybody was told. */
  readonly told: Told[];
}

interface Loss {
  readonly atMs: number;
  /** Of the WebSocket's close event; 1006 also for one that never opened. */
  readonly code: number;
  /** Whether the connection had opened. */
  readonly wasOpen: boolean;
}

interface Told {
  readonly atMs: number;
  readonly count: number;
  /** Visitors who had asked for a connection and had not seen it close: more cannot be counted. */
  readonly present: number;
}

export function emptyLog(): CrowdLog {
  return { joinsMs: [], losses: [], told: [] };
}

/** The largest share of these times that lies within one window, from 0 to 1. */
export function peakShare(timesMs: readonly number[], windowMs: number): number {
  const sorted = timesMs.toSorted((a, b) => a - b);
  let peak = 0;
  let first = 0;
  for (const [last, atMs] of sorted.entries()) {
    while (atMs - (sorted[first] ?? atMs) >= windowMs) first++;
    peak = Math.max(peak, last - first + 1);
  }
  return sorted.length === 0 ? 0 : peak / sorted.length;
}

/** Milliseconds from the first to the last of these times. */
export function spreadMs(timesMs: readonly number[]): number {
  return timesMs.length === 0 ? 0 : Math.max(...timesMs) - Math.min(...timesMs);
}

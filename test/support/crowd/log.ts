/** What happened to a crowd, oldest first. Times are milliseconds since the epoch, with fractions. */
export interface CrowdLog {
  /** Every connection that was asked for. */
  readonly joins: Join[];
  readonly losses: Loss[];
  /** Every count that anybody was told. */
  readonly told: Told[];
}

interface Join {
  readonly atMs: number;
  readonly visitor: string;
}

export interface Loss {
  readonly atMs: number;
  readonly visitor: string;
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
  return { joins: [], losses: [], told: [] };
}

/** When each visitor asked for the first time. */
export function firstJoinsMs({ joins }: CrowdLog): number[] {
  return [...firstOfEach(joins).values()];
}

/** How long each visitor waited after a loss before asking for the first time. */
export function waitsMs({ joins, losses }: CrowdLog): number[] {
  const lostMs = firstOfEach(losses);
  return Array.from(firstOfEach(joins), ([visitor, ms]) => ms - (lostMs.get(visitor) ?? ms));
}

function firstOfEach(events: readonly Join[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const { atMs, visitor } of events) if (!first.has(visitor)) first.set(visitor, atMs);
  return first;
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

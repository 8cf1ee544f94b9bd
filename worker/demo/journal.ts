/** A line of the log. */
export interface Line {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly text: string;
  /** Of a line about the number: what it was before, and what it became. */
  readonly change?: { readonly from: number; readonly to: number };
}

/** Changes of the number that follow each other within this time are one line. */
const BURST_MS = 2_000;
const LINES_KEPT = 8;

/** The log with one more line, newest first. */
export function withLine(lines: readonly Line[], text: string, atMs: number): readonly Line[] {
  return [{ atMs, text }, ...lines].slice(0, LINES_KEPT);
}

/** The log after the number changed; a burst of changes stays one line. */
export function withChange(
  lines: readonly Line[],
  { from, to }: { readonly from: number; readonly to: number },
  atMs: number,
): readonly Line[] {
  const [last, ...older] = lines;
  const isBurst = last?.change !== undefined && atMs - last.atMs < BURST_MS;
  const change = { from: isBurst ? (last.change?.from ?? from) : from, to };
  const line = { atMs, text: changeWords(change), change };
  return [line, ...(isBurst ? older : lines)].slice(0, LINES_KEPT);
}

function changeWords({ from, to }: { readonly from: number; readonly to: number }): string {
  const here = `${to.toLocaleString("en")} here now`;
  const net = Math.abs(to - from).toLocaleString("en");
  if (to > from) return `${net} joined: ${here}`;
  return to < from ? `${net} left: ${here}` : `Some came and went: ${here}`;
}

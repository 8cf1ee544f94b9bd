import type { Played } from "./player.ts";
import type { RunResult } from "./run.ts";
import { type Step, formatSteps } from "./steps.ts";

/** Writes a line to the standard output. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What went wrong with a seed. */
export function describeFault(seed: number, { fault, settledMs }: Played): string {
  if (fault === null) return `seed ${seed}: ${settledMs.length} checkpoints, all right`;
  return `seed ${seed}: after ${settledMs.length} checkpoints, ${fault.kind}: ${fault.message}`;
}

/** The steps, as `--replay` takes them. */
export function describeReplay(steps: readonly Step[]): string {
  return `replay of ${steps.length} steps:\n${formatSteps(steps)}`;
}

/** @param missing kinds of things that never happened */
export function describeRun(result: RunResult, missing: readonly string[]): string {
  const { seeds, checkpoints, wrong, settledMs, coverage } = result;
  const happened = coverage.entries().map(([kind, times]) => `${kind} ${times}`);
  const lines = [
    `${checkpoints} checkpoints over ${seeds} seeds, ${wrong.length} wrong`,
    `true for everyone after ${quantile(settledMs, 0.5)} ms (median), ` +
      `${quantile(settledMs, 0.99)} ms (p99), ${settledMs.at(-1) ?? 0} ms (longest)`,
    `happened: ${happened.join(", ")}`,
  ];
  if (missing.length > 0) lines.push(`never happened: ${missing.join(", ")}`);
  return lines.join("\n");
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

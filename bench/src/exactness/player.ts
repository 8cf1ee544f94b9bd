import { act } from "./acts.ts";
import { checkpoint } from "./checkpoint.ts";
import { Coverage } from "./coverage.ts";
import type { Fault } from "./fault.ts";
import type { Page } from "./page.ts";
import type { Step } from "./steps.ts";

export interface Played {
  /** Null when all was right. */
  readonly fault: Fault | null;
  /** What was done up to the fault, what other pages did to the server included. */
  readonly trace: readonly Step[];
  /** How long each checkpoint took to come true after the last thing that happened. */
  readonly settledMs: readonly number[];
}

export interface PlayOptions {
  readonly coverage?: Coverage;
  /** Is asked before each step. @default goes on to the last */
  readonly isEnough?: () => boolean;
}

/** Has the steps happen to the page, up to the first fault. */
export async function play(
  page: Page,
  steps: readonly Step[],
  { coverage = new Coverage(), isEnough = () => false }: PlayOptions = {},
): Promise<Played> {
  const trace: Step[] = [];
  const settledMs: number[] = [];
  for (const step of steps) {
    const untilMs = Date.now() + (step.afterMs ?? 0);
    while (Date.now() < untilMs && page.fault === null) await page.nextChange(untilMs);
    trace.push(...page.around.foreign.splice(0));
    if (page.fault !== null || isEnough()) break;
    trace.push(step);
    if (step.do !== "check") act(page, step, coverage);
    else {
      const tookMs = await checkpoint(page);
      if (tookMs !== null) settledMs.push(tookMs);
    }
  }
  for (const { ghosts } of page.tabs.values()) {
    if (ghosts.size > 0) coverage.add("ghost", ghosts.size);
  }
  if (page.witness.moves > 0) coverage.add("moved", page.witness.moves);
  return { fault: page.fault, trace: [...trace, ...page.around.foreign], settledMs };
}

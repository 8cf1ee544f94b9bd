import type { Step } from "./steps.ts";

/**
 * Plays several lists of steps, at the same time where that can be.
 * @returns the index of one that still goes wrong in the same way; null when none does
 */
type FindFailing = (candidates: readonly (readonly Step[])[]) => Promise<number | null>;

export interface ShrinkOptions {
  readonly findFailing: FindFailing;
  /** Candidates that are tried at once. @default 8 */
  readonly atOnce?: number;
}

/**
 * Leaves out and simplifies steps as long as what is left still goes wrong (delta debugging,
 * https://www.debuggingbook.org/html/DeltaDebugger.html).
 * @param failing goes wrong at its end
 * @returns null when it does not go wrong again
 */
export async function shrink(
  failing: readonly Step[],
  { findFailing, atOnce = 8 }: ShrinkOptions,
): Promise<readonly Step[] | null> {
  const first = async (
    candidates: readonly (readonly Step[])[],
  ): Promise<readonly Step[] | null> => {
    for (let start = 0; start < candidates.length; start += atOnce) {
      const batch = candidates.slice(start, start + atOnce);
      const index = await findFailing(batch);
      const found = index === null ? undefined : batch[index];
      if (found !== undefined) return found;
    }
    return null;
  };
  if ((await first([failing])) === null) return null;
  const shorter = await leaveOut((await first([withoutEarlierChecks(failing)])) ?? failing, first);
  const simplest = await simplify(shorter, first);
  return (await first([renumber(simplest)])) ?? simplest;
}

type First = (candidates: readonly (readonly Step[])[]) => Promise<readonly Step[] | null>;

function withoutEarlierChecks(steps: readonly Step[]): readonly Step[] {
  return steps.filter((step, index) => step.do !== "check" || index === steps.length - 1);
}

/** Leaves out ever smaller parts, until no single step can go. */
async function leaveOut(failing: readonly Step[], first: First): Promise<readonly Step[]> {
  let steps = failing;
  let size = Math.ceil(steps.length / 2);
  while (size >= 1) {
    const found = await first(rests(steps, size));
    if (found !== null) steps = found;
    else if (size === 1) break;
    size = Math.min(Math.ceil(steps.length / 2), found === null ? Math.ceil(size / 2) : size);
  }
  return steps;
}

/** What is left of the steps without each part of that size. */
function rests(steps: readonly Step[], size: number): (readonly Step[])[] {
  const starts = Array.from({ length: Math.ceil(steps.length / size) }, (_, part) => part * size);
  return starts.map((start) => steps.toSpliced(start, size)).filter((rest) => rest.length > 0);
}

async function simplify(failing: readonly Step[], first: First): Promise<readonly Step[]> {
  let steps = failing;
  for (;;) {
    const found: readonly Step[] | null = await first(
      steps.flatMap((step, index) => simpler(step).map((other) => steps.with(index, other))),
    );
    if (found === null) return steps;
    steps = found;
  }
}

/** Simpler steps that might do as well. Each is simpler than the one before, so this has an end. */
function simpler(step: Step): Step[] {
  const { afterMs, ...atOnce } = step;
  const others: Step[] = afterMs === undefined ? [] : [atOnce];
  if (afterMs !== undefined && afterMs > 100) others.push({ ...atOnce, afterMs: 100 });
  if (step.do === "join") {
    const { observe, ...visible } = step;
    if (observe === true) others.push(visible);
    const { rude, ...polite } = step;
    if (rude === true) others.push(polite);
    if (step.client === "contract") others.push({ ...step, client: "ping" });
  }
  if (step.do === "kill" && step.how !== "terminate") others.push({ ...step, how: "terminate" });
  if (step.do === "beatAndLeave") others.push({ ...step, do: "leave" });
  if (step.do === "silence" && step.how === "deaf") others.push({ ...step, how: "mute" });
  if (step.do === "silence" && step.how === "mute") others.push({ ...step, how: "polite" });
  return others;
}

/** The same steps with tabs and visitors numbered from 1 in the order of their coming. */
function renumber(steps: readonly Step[]): Step[] {
  const tabs = new Numbers();
  const visitors = new Numbers();
  return steps.map((step) => {
    if (!("tab" in step)) return step;
    const tab = tabs.of(step.tab);
    return "visitor" in step
      ? { ...step, tab, visitor: visitors.of(step.visitor) }
      : { ...step, tab };
  });
}

class Numbers {
  readonly #numbers = new Map<number, number>();

  of(old: number): number {
    const number = this.#numbers.get(old) ?? this.#numbers.size + 1;
    this.#numbers.set(old, number);
    return number;
  }
}

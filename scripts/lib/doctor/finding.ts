import type { Verdict } from "../../../infra/src/conflicts/verdict.ts";

/** `skipped`: nothing is known, since something else stands in the way or cannot be asked here. */
export type Level = "ok" | "warning" | "problem" | "skipped";

/** What one check found. */
export interface Finding {
  /** Short name of what was checked, such as `zone`. */
  readonly check: string;
  readonly level: Level;
  /** What was found, without secrets; may have lines. */
  readonly found: string;
  /** What to do about it, one way a line. */
  readonly advice?: string;
}

export function ok(check: string, found: string): Finding {
  return { check, level: "ok", found };
}

export function warning(check: string, found: string, advice: string): Finding {
  return { check, level: "warning", found, advice };
}

export function problem(check: string, found: string, advice: string): Finding {
  return { check, level: "problem", found, advice };
}

export function skipped(check: string, found: string): Finding {
  return { check, level: "skipped", found };
}

/** What a rule that the program shares says. */
export function judged(check: string, verdict: Verdict): Finding {
  return { check, ...verdict };
}

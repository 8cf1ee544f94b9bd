/** What a rule says about something that the account, a zone or the state already has. */
export interface Verdict {
  /** `problem`: the update would fail or take something away; `warning`: it goes on. */
  readonly level: "ok" | "warning" | "problem";
  /** Without secrets. */
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

export function fine(found: string): Verdict {
  return { level: "ok", found };
}

export function doubtful(found: string, advice: string): Verdict {
  return { level: "warning", found, advice };
}

export function impossible(found: string, advice: string): Verdict {
  return { level: "problem", found, advice };
}

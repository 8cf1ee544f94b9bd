import type { AttackName } from "./attacks.ts";

/** Whom to attack. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly origin: string;
  /** The page that somebody watches. */
  readonly page: string;
}

/** From the test to the attackers' process. */
export type AttackRequest =
  /** Connect, and be quiet. */
  | { readonly ask: "enter"; readonly attack: AttackName; readonly target: Target }
  /** Answered once it is under way; it goes on until it is done, or until `leave`. */
  | { readonly ask: "act" }
  /** Answered when all is done. */
  | { readonly ask: "finish" }
  | { readonly ask: "leave" };

/** How many peers met with what: `"close 4429"`, `"http 429"`, `"connected"`, `"cut"`. */
export type Outcomes = Readonly<Record<string, number>>;

/** From the attackers to the test: how many are connected, and what they met with so far. */
export interface AttackAnswer {
  readonly connected: number;
  readonly outcomes: Outcomes;
  /** Messages sent so far. */
  readonly sent: number;
}

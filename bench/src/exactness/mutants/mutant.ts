import type { Patch } from "../bundle.ts";

/** A bug planted in the Worker, to show that the harness would find it. */
export interface Mutant {
  readonly name: string;
  /** What goes wrong with it. */
  readonly effect: string;
  readonly patches: readonly Patch[];
}

import { identifier } from "./ids.ts";
import type { State } from "./state.ts";

/** Counters of one kind that are kept, the newest ones: names come and go for as long as the folder lives. */
export const MAX_COUNTERS = 100;

/**
 * The next id for `kind` and `key`: the same history gives the same ids, and a thing that is deleted and
 * made again gets another. Changes `state.ordinals`.
 */
export function nextId(state: State, kind: string, key: string): string {
  const id = identifier(kind, key, nextOrdinal(state, kind, key));
  dropOldCounters(state, kind);
  return id;
}

/** The next number for `kind` and `key`, from 1 on; never the same twice. Changes `state.ordinals`. */
export function nextOrdinal({ ordinals }: State, kind: string, key: string): number {
  const counter = `${kind}:${key}`;
  const ordinal = (ordinals[counter] ?? ordinals[kind] ?? 0) + 1;
  ordinals[counter] = ordinal;
  return ordinal;
}

/** A counter that is dropped is remembered as where all of its kind begin that have none. */
function dropOldCounters({ ordinals }: State, kind: string): void {
  const counters = Object.keys(ordinals).filter((counter) => counter.startsWith(`${kind}:`));
  for (const counter of counters.slice(0, -MAX_COUNTERS)) {
    ordinals[kind] = Math.max(ordinals[kind] ?? 0, ordinals[counter] ?? 0);
    delete ordinals[counter];
  }
}

import { isRecord } from "../lib/unknown.ts";
import { STATE_FORMAT, type State, emptyState } from "./state.ts";

type Json = Record<string, unknown>;

/**
 * `UPGRADES[n]` makes a state of format `n + 1` of one of format `n`. Whoever raises STATE_FORMAT adds one,
 * and a folder of the format before to `test/fixtures/`. A step never changes once it is released.
 */
const UPGRADES: Readonly<Record<number, (old: Json) => Json>> = {
  1: (old) => ({ ...old, plan: "paid" }),
};

/**
 * The state that a file holds, in the format of this version.
 * @throws Error that says what is wrong; the caller says with which file
 */
export function upgradeState(value: unknown): { state: State; from: number } {
  const from = isRecord(value) ? value["format"] : undefined;
  if (!isRecord(value) || typeof from !== "number") {
    throw new Error(
      `has format ${JSON.stringify(from)}, and this version reads format ${STATE_FORMAT}.`,
    );
  }
  if (from > STATE_FORMAT) {
    throw new Error(
      `has format ${from}, of a newer version than this one, which reads format ${STATE_FORMAT}. Use that version.`,
    );
  }
  let state: Json = value;
  for (let format = from; format < STATE_FORMAT; format++) {
    const upgrade = UPGRADES[format];
    if (upgrade === undefined) throw new Error(`has format ${from}, which no version wrote.`);
    state = { ...upgrade(state), format: format + 1 };
  }
  if (isState(state)) return { state, from };
  throw new Error(`lacks parts of a state of format ${from}.`);
}

/** The file is our own and is replaced as a whole, so its outline is enough. */
function isState(value: unknown): value is State {
  if (!isRecord(value)) return false;
  return Object.entries(emptyState()).every(
    ([key, example]) =>
      typeof value[key] === typeof example && Array.isArray(value[key]) === Array.isArray(example),
  );
}

import { MARK_BINDING } from "../../../infra/src/stack-mark.ts";
import type { Action, ResourceChange } from "./digest.ts";
import { flatten, shownPath } from "./flatten.ts";

/** Signs that colour a line in a block of the language `diff`. */
const SIGNS: { readonly [action in Action]: string } = {
  create: "+",
  update: "!",
  replace: "!",
  delete: "-",
  adopt: "+",
  forget: "-",
};

/** It is another one whenever any other input is, so that a line of it says nothing. */
const FINGERPRINT = `bindings.${MARK_BINDING}.json.inputs`;

/** What differs, input by input, as lines of a `diff` block: the engine's own steps, sorted. */
export function rawDiff(resources: readonly ResourceChange[]): string[] {
  return resources.flatMap((resource) => {
    const { kind, name, action, before, after } = resource;
    // The provider keeps what the last upload said of migrations; to leave it out undoes nothing.
    const isLeftOut = after !== undefined && after["migrations"] === undefined;
    const { migrations, ...rest } = before ?? {};
    const old = flatten(isLeftOut ? rest : (before ?? {}));
    const fresh = flatten(after ?? {});
    const paths = [...new Set([...old.keys(), ...fresh.keys()])].toSorted();
    const changed = paths.filter((path) => old.get(path) !== fresh.get(path));
    const told = changed.filter((path) => !isFingerprint(path, action) || changed.length === 1);
    const lines = told.flatMap((path) => {
      const [was, is] = [old.get(path), fresh.get(path)];
      return [
        ...(was === undefined ? [] : [`-   ${shownPath(path)}: ${quote(was)}`]),
        ...(is === undefined ? [] : [`+   ${shownPath(path)}: ${quote(is)}`]),
      ];
    });
    const note =
      isLeftOut && migrations !== undefined
        ? ["#   migrations: those of the last upload are not sent again; nothing is undone"]
        : [];
    return [`${SIGNS[action]} ${kind} ${name} (${action})`, ...lines, ...note];
  });
}

function isFingerprint(path: string, action: Action): boolean {
  return action === "update" && shownPath(path) === FINGERPRINT;
}

/** GitHub refuses longer texts (65,536); what is around the diff needs some of it. */
export const MAX_TEXT_CHARACTERS = 60_000;

/** The first lines that fit; what does not is counted. @param room in characters */
export function cutDiff(diff: readonly string[], room: number): string[] {
  const fitting: string[] = [];
  let left = room;
  for (const line of diff) {
    left -= line.length + 1;
    if (left < 0) break;
    fitting.push(line);
  }
  const missing = diff.length - fitting.length;
  return missing === 0
    ? fitting
    : [...fitting, `… ${missing} more lines, left out for their length`];
}

/** One line for each value, however many it has. */
function quote(value: string): string {
  return /[\n\r]/.test(value) ? JSON.stringify(value) : value;
}

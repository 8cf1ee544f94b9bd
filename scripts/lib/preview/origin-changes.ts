import { change, type Change } from "./change.ts";
import { bindingNamed, type Inputs } from "./digest.ts";
import { parseNested } from "./flatten.ts";
import { say, type Text } from "./say.ts";

/** Entries of the script's binding `ALLOWED_ORIGINS`; undefined when there is none that can be read. */
export function originsOf(inputs: Inputs): readonly string[] | undefined {
  const json = bindingNamed(inputs, "ALLOWED_ORIGINS")?.["json"];
  const entries = typeof json === "string" ? parseNested(json) : json;
  return Array.isArray(entries) ? entries.map(String) : undefined;
}

/**
 * Who may connect and could not before, and who no longer may.
 * @param before undefined before the first deployment
 */
export function originsChanges(
  after: readonly string[] | undefined,
  before: readonly string[] | undefined,
): Change[] {
  if (after === undefined) return [];
  const added = after.filter((entry) => !(before ?? []).includes(entry)).toSorted();
  const removed = (before ?? []).filter((entry) => !after.includes(entry)).toSorted();
  return [
    ...added.map((entry) =>
      change("origins", entry === "*" ? "warning" : "info", [
        ...who(entry),
        before === undefined ? " may connect" : " may connect from then on",
      ]),
    ),
    ...removed.map((entry) =>
      change("origins", after.includes("*") ? "info" : "warning", [
        ...who(entry),
        after.includes("*")
          ? " need no entry of their own any more"
          : " may no longer connect, and show no count",
      ]),
    ),
  ];
}

function who(entry: string): Text {
  if (entry === "*") return say`Pages of any site, and clients that are no browsers (${entry}),`;
  if (entry === "none") return say`Clients that send no origin, such as wscat (${entry}),`;
  if (entry === "null") return say`Sandboxed frames and local files (${entry})`;
  return say`Pages of ${entry}`;
}

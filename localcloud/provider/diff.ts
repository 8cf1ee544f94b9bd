import { containsPath, formatPath, parsePath } from "./property-path.ts";
import type { PropertyPath } from "./property-path.ts";
import type { Resource, State } from "./resource.ts";
import { isDefault } from "./schema.ts";
import { hasUnknowns, isObject, isSame, isSecret } from "./values.ts";
import type { Properties, PropertyValue } from "./values.ts";

/** One line of a preview. */
export interface PropertyChange {
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  /** A change here makes a new resource. */
  readonly replace: boolean;
  /** The old value is an input; otherwise it is an output. */
  readonly input: boolean;
}

interface Change {
  readonly path: PropertyPath;
  readonly kind: PropertyChange["kind"];
}

/**
 * What an update of `state` to `news` would change, one entry a place, as deep as it can be told.
 * An unknown value counts as a change: the update will tell.
 */
export function diffResource(
  resource: Resource,
  state: State,
  news: Properties,
  options: { ignoreChanges?: readonly string[] } = {},
): PropertyChange[] {
  const ignored = (options.ignoreChanges ?? []).map(parsePath).filter((path) => path !== null);
  const result: PropertyChange[] = [];
  for (const [name, field] of Object.entries(resource.fields)) {
    const after = news[name];
    // What the API chose itself stays as it is while the program does not state it.
    if (field.filled === true && after === undefined) continue;
    const input = state.inputs[name] !== undefined || field.filled !== true;
    const before = input ? state.inputs[name] : state.outputs[name];
    if (before === undefined && after !== undefined && isDefault(field, after)) continue;
    if (after === undefined && before !== undefined && isDefault(field, before)) continue;
    for (const { path, kind } of diffValues(before, after, [name])) {
      if (ignored.some((outer) => containsPath(outer, path))) continue;
      result.push({ path: formatPath(path), kind, replace: field.replace === true, input });
    }
  }
  return result;
}

/** The differences between two property bags without a schema, for the provider's own settings. */
export function diffProperties(olds: Properties, news: Properties): PropertyChange[] {
  const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])].toSorted();
  return names
    .flatMap((name) => diffValues(olds[name], news[name], [name]))
    .map(({ path, kind }) => ({ path: formatPath(path), kind, replace: false, input: true }));
}

function diffValues(
  before: PropertyValue | undefined,
  after: PropertyValue | undefined,
  path: PropertyPath,
): Change[] {
  if (!hasUnknowns(after) && isSame(before, after)) return [];
  if (before === undefined || before === null) return [{ path, kind: "add" }];
  if (after === undefined || after === null) return [{ path, kind: "delete" }];
  // A path into a secret would not be found by the engine.
  if (isSecret(before) || isSecret(after)) return [{ path, kind: "update" }];
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, path);
  if (isObject(before) && isObject(after) && !Array.isArray(before) && !Array.isArray(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
    return names.flatMap((name) => diffValues(before[name], after[name], [...path, name]));
  }
  return [{ path, kind: "update" }];
}

/**
 * By place between what is the same at both ends, so that items put in or taken out show as that
 * alone, and not as a change of every item behind them.
 */
function diffLists(
  before: readonly PropertyValue[],
  after: readonly PropertyValue[],
  path: PropertyPath,
): Change[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && isSame(before[head], after[head])) head++;
  let tail = 0;
  while (tail < shorter - head && isSame(before.at(-1 - tail), after.at(-1 - tail))) tail++;
  const longer = Math.max(before.length, after.length);
  const changes: Change[] = [];
  for (let i = head; i < longer - tail; i++) {
    const place = [...path, i];
    if (i < shorter - tail) changes.push(...diffValues(before[i], after[i], place));
    else changes.push({ path: place, kind: before.length < after.length ? "add" : "delete" });
  }
  return changes;
}

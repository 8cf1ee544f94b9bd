import { change, type Change } from "./change.ts";
import { list, record } from "./digest.ts";
import { say, sayList } from "./say.ts";

/**
 * What an upload does to Durable Object classes and their data.
 * @param before what the last upload said; the same value again is repeated, not done again
 */
export function migrationChanges(before: unknown, after: unknown): Change[] {
  const { newTag, steps } = record(after) ?? {};
  if (typeof newTag !== "string" || newTag === record(before)?.["newTag"]) return [];
  const all = list(steps).map((step) => record(step) ?? {});
  const added = new Set(all.flatMap((step) => names(step["newSqliteClasses"])));
  const renames = all.flatMap((step) => list(step["renamedClasses"]).map((item) => record(item)));
  const deleted = all
    .flatMap((step) => names(step["deletedClasses"]))
    // One that is made and given up in the same upload never had an object.
    .filter((name) => !added.delete(name));
  const changes = [
    ...(added.size === 0 ? [] : [newClasses([...added])]),
    ...renames.map((rename) => renamed(String(rename?.["from"]), String(rename?.["to"]))),
    ...(deleted.length === 0 ? [] : [deletedClasses(deleted)]),
  ];
  const text = say`The Durable Object classes go to migration ${newTag}, which cannot be taken back`;
  return [change("data", "info", text), ...changes];
}

function newClasses(classes: readonly string[]): Change {
  const text = ["New Durable Object classes: ", ...sayList(classes), ". No data is at risk"];
  return change("data", "info", text);
}

function renamed(from: string, to: string): Change {
  const text = say`Class ${from} is renamed to ${to}: its objects and their data live on`;
  return change("data", "info", text);
}

function deletedClasses(classes: readonly string[]): Change {
  const text = ["All objects of ", ...sayList(classes), " are destroyed with their data, for good"];
  return change("data", "danger", text);
}

function names(value: unknown): string[] {
  return list(value).filter((name) => typeof name === "string");
}

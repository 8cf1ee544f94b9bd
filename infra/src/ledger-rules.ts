import type { Migration } from "./ledger.ts";

/** The classes that a script has after a ledger, sorted. */
export function classesAfter(ledger: readonly Migration[]): string[] {
  const classes = new Set<string>();
  for (const { newSqliteClasses, renamedClasses, deletedClasses } of ledger) {
    for (const name of newSqliteClasses ?? []) classes.add(name);
    for (const { from, to } of renamedClasses ?? []) {
      classes.delete(from);
      classes.add(to);
    }
    for (const name of deletedClasses ?? []) classes.delete(name);
  }
  return [...classes].toSorted();
}

/** The classes that a script has at a tag, sorted; undefined when the ledger does not know the tag. */
export function classesAt(ledger: readonly Migration[], tag: string): string[] | undefined {
  const index = ledger.findIndex((entry) => entry.tag === tag);
  return index === -1 ? undefined : classesAfter(ledger.slice(0, index + 1));
}

/**
 * What is wrong with a ledger by itself, and with the classes that the code is bound to.
 * @param bound names of the classes that bindings name
 */
export function findLedgerFaults(
  ledger: readonly Migration[],
  bound: readonly string[],
): readonly string[] {
  const faults: string[] = [];
  const classes = new Set<string>();
  const tags = new Set<string>();
  for (const { tag, newSqliteClasses, renamedClasses, deletedClasses } of ledger) {
    const at = `entry '${tag}'`;
    if (tags.has(tag)) faults.push(`${at} is there twice; a tag is used once`);
    tags.add(tag);
    const add = (name: string): void => {
      if (classes.has(name)) faults.push(`${at} makes the class ${name}, which is there already`);
      classes.add(name);
    };
    const remove = (name: string, verb: string): void => {
      if (!classes.delete(name)) faults.push(`${at} ${verb} the class ${name}, which is not there`);
    };
    for (const name of newSqliteClasses ?? []) add(name);
    for (const { from, to } of renamedClasses ?? []) {
      remove(from, "renames");
      add(to);
    }
    for (const name of deletedClasses ?? []) remove(name, "deletes");
  }
  const missing = bound.filter((name) => !classes.has(name));
  faults.push(...missing.map((name) => missingClass(name, ledger)));
  return faults;
}

function missingClass(name: string, ledger: readonly Migration[]): string {
  const known = classesAfter(ledger).join(", ");
  return `the code is bound to the class ${name}, which the ledger does not make (it makes ${known}): for a renamed class append an entry with renamedClasses, which keeps its objects; for one more, an entry with newSqliteClasses`;
}

/** Classes whose objects the migrations of an upload destroy. */
export function deletedBy(steps: readonly Omit<Migration, "tag">[]): string[] {
  return steps.flatMap(({ deletedClasses }) => deletedClasses ?? []);
}

import { classesAfter, classesAt } from "./ledger-rules.ts";
import type { Migration } from "./ledger.ts";

/** A script that something else deployed, and that this stack is to take over with its objects. */
export interface Adoption {
  readonly script: string;
  /** What its classes are called in this code, by their deployed names; those of the same name are left out. */
  readonly renamedClasses: { readonly [deployed: string]: string };
}

export interface DeployedClasses {
  /** Migration tag; empty for none. */
  readonly tag: string;
  /** Classes that have namespaces. */
  readonly classes: readonly string[];
}

export type Continuation =
  | { readonly ledger: readonly Migration[]; readonly fault?: undefined }
  | { readonly fault: AdoptionFault };

/** What is wrong, and what to say about the class. */
export type AdoptionFault =
  | { readonly kind: "unknown class"; readonly name: string }
  | { readonly kind: "no such class"; readonly name: string }
  | { readonly kind: "not ours"; readonly name: string };

/**
 * A ledger that goes on from what is deployed and ends where ours does: one entry which renames, and
 * makes what is missing. Ours itself when the script went through it.
 */
export function continueFrom(
  ledger: readonly Migration[],
  { tag, classes }: DeployedClasses,
  renamedClasses: Adoption["renamedClasses"],
): Continuation {
  const renamed = Object.keys(renamedClasses);
  const isOurs = String(classesAt(ledger, tag)) === String(classes.toSorted());
  if (renamed.length === 0 && (isOurs || (tag === "" && classes.length === 0))) return { ledger };
  const fault = findFault(ledger, classes, renamedClasses);
  if (fault !== undefined) return { fault };
  const wanted = classesAfter(ledger);
  const kept = new Set(classes.map((name) => renamedClasses[name] ?? name));
  const missing = wanted.filter((name) => !kept.has(name));
  const last = ledger.at(-1)?.tag ?? "";
  const entry: Migration = {
    tag: last,
    ...(missing.length === 0 ? {} : { newSqliteClasses: missing }),
    ...(renamed.length === 0
      ? {}
      : { renamedClasses: renamed.map((from) => ({ from, to: renamedClasses[from] ?? from })) }),
  };
  return { ledger: tag === "" ? [entry] : [{ tag }, entry] };
}

function findFault(
  ledger: readonly Migration[],
  classes: readonly string[],
  renamedClasses: Adoption["renamedClasses"],
): AdoptionFault | undefined {
  const wanted = classesAfter(ledger);
  for (const [from, to] of Object.entries(renamedClasses)) {
    if (!classes.includes(from)) return { kind: "no such class", name: from };
    if (!wanted.includes(to)) return { kind: "not ours", name: to };
  }
  const unknown = classes.find((name) => !wanted.includes(renamedClasses[name] ?? name));
  return unknown === undefined ? undefined : { kind: "unknown class", name: unknown };
}

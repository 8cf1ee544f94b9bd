import type { Namespace } from "../model/state.ts";
import type { DeclaredClasses } from "./exports-parser.ts";

/** A class that a deployed script expects to be given by another one. */
export interface PendingTransfer {
  from: string;
  to: string;
  /** Its name in both scripts. */
  className: string;
}

/** What comparing declared classes with the namespaces that there are needs. */
export interface ReconcileInput {
  script: string;
  declared: DeclaredClasses;
  /** Names that the uploaded main module exports. */
  exports: ReadonlySet<string>;
  /** Of those, the ones that extend DurableObject. */
  objectClasses: readonly string[];
  /** Every namespace of the account. */
  namespaces: readonly Namespace[];
  /** Every script of the account. */
  scripts: ReadonlySet<string>;
  /** What deployed scripts expect to be given. */
  pendingTransfers: readonly PendingTransfer[];
  /** Other scripts that are bound to a namespace. */
  usersOf: (namespaceId: string) => string[];
  /** Other scripts that name a class of this one, whatever became of it. */
  scriptsNaming: (className: string) => string[];
  /** Called once for each class that is new. */
  newNamespaceId: (className: string) => string;
}

/** One thing to say of a class, as the API says it. */
interface Note {
  class: string;
  scenario: string;
  message: string;
  suggestion?: string;
  namespace_id?: string;
  referencing_scripts?: string[];
}

/** What was done, in the API's words. */
export interface Reconciliation {
  created: string[];
  updated: string[];
  deleted: string[];
  renamed: { from: string; to: string }[];
  transferred: { class: string; to: string; phase: "committed" }[];
  transfer_pending: { class: string; from: string }[];
  warnings: Note[];
  info: Note[];
  removable_entries: string[];
}

/** A reconciliation under way. */
export interface Work {
  input: ReconcileInput;
  namespaces: Namespace[];
  deleted: Namespace[];
  problems: Note[];
  summary: Reconciliation;
}

/** The script's namespace of this class. */
export function ownNamespace({ namespaces, input }: Work, name: string): Namespace | undefined {
  return namespaces.find(({ script, className }) => script === input.script && className === name);
}

type NoteParts = Omit<Note, "class" | "scenario">;

/** Adds what keeps an upload from being deployed. */
export function problem(
  { problems }: Work,
  name: string,
  scenario: string,
  parts: NoteParts,
): void {
  problems.push({ class: name, scenario, ...parts });
}

/** Adds what there is to know, and changes nothing. */
export function note({ summary }: Work, name: string, scenario: string, parts: NoteParts): void {
  summary.info.push({ class: name, scenario, ...parts });
}

/** Says that an entry does nothing any more, and whether it may go. */
export function noteStale(work: Work, name: string): void {
  const users = work.input.scriptsNaming(name);
  note(work, name, "stale_tombstone", {
    message: "There is nothing left to do for this entry.",
    ...(users.length === 0 ? {} : { referencing_scripts: users }),
  });
  if (users.length === 0) work.summary.removable_entries.push(name);
}

/** Says that a class that is to live is not in the code. */
export function noteNotInCode(work: Work, name: string): void {
  const isProvisioned = ownNamespace(work, name) !== undefined;
  problem(
    work,
    name,
    isProvisioned ? "config_export_not_in_code" : "config_references_nonexistent_class",
    {
      message: "'exports' declares the class, and the code does not export it.",
      suggestion: isProvisioned
        ? "Export the class from the main module, or mark it as deleted, renamed or transferred."
        : "Export the class from the main module, or remove the entry.",
    },
  );
}

/** Whether a class may be declared with this storage; says so when it may not. */
export function checkStorage(
  work: Work,
  { className, useSqlite }: Namespace,
  storage: "sqlite" | "legacy-kv",
): boolean {
  if (useSqlite === (storage === "sqlite")) return true;
  problem(work, className, "storage_type_mismatch", {
    message: `'exports' says '${storage}', which is not the storage that the class has.`,
    suggestion: "The storage of a class never changes: declare the one that it has.",
  });
  return false;
}

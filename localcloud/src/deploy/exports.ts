import { ERRORS, fail } from "../errors.ts";
import type { Namespace } from "../model/state.ts";
import type { DeclaredClass, DeclaredClasses } from "./exports-parser.ts";

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
  transferred: never[];
  transfer_pending: never[];
  warnings: Note[];
  info: Note[];
  removable_entries: string[];
}

export interface ReconcileResult {
  /** Every namespace of the account, afterwards. */
  namespaces: Namespace[];
  /** Namespaces whose storage is to be dropped. */
  deleted: Namespace[];
  summary: Reconciliation;
}

/**
 * Makes a script's namespaces those that its upload declares, all of them or none. Changes nothing it is
 * given.
 * @throws {ApiError} 100402 with everything that is wrong
 * @see https://developers.cloudflare.com/durable-objects/reference/durable-objects-migrations/
 */
export function reconcile(input: ReconcileInput): ReconcileResult {
  const work: Work = {
    input,
    namespaces: input.namespaces.map((namespace) => ({ ...namespace })),
    deleted: [],
    problems: [],
    summary: {
      created: [],
      updated: [],
      deleted: [],
      renamed: [],
      transferred: [],
      transfer_pending: [],
      warnings: [],
      info: [],
      removable_entries: [],
    },
  };
  // What gives a name free goes before what takes it.
  for (const state of ["deleted", "renamed", "created"]) {
    for (const [name, entry] of input.declared) if (entry.state === state) apply(work, name, entry);
  }
  noteUndeclared(work);
  if (work.problems.length > 0) {
    const reason = work.problems.map(({ class: name, message }) => `class '${name}': ${message}`);
    fail(ERRORS.EXPORTS_NOT_RECONCILED, { reason: reason.join(" ") }, { details: work.problems });
  }
  const { namespaces, deleted, summary } = work;
  return { namespaces, deleted, summary };
}

/** Whether reconciling would change a namespace. */
export function changesClasses({ created, deleted, renamed }: Reconciliation): boolean {
  return created.length + deleted.length + renamed.length > 0;
}

interface Work {
  input: ReconcileInput;
  namespaces: Namespace[];
  deleted: Namespace[];
  problems: Note[];
  summary: Reconciliation;
}

function apply(work: Work, name: string, entry: DeclaredClass): void {
  if (entry.state === "deleted") deleteClass(work, name);
  else if (entry.state === "renamed") renameClass(work, name, entry.to);
  else matchClass(work, name, entry.storage);
}

function deleteClass(work: Work, name: string): void {
  const namespace = ownNamespace(work, name);
  if (namespace === undefined) return noteStale(work, name);
  const users = work.input.usersOf(namespace.id);
  if (work.input.exports.has(name)) {
    problem(work, name, "tombstone_delete_class_still_in_code", {
      message: "The code still exports the class that 'exports' deletes.",
      suggestion: "Remove the class from the code.",
    });
  } else if (users.length > 0) {
    problem(work, name, "tombstone_delete_blocked_by_external_bindings", {
      message: "Other Workers are bound to the class that 'exports' deletes.",
      suggestion: "Deploy them without those bindings first.",
      referencing_scripts: users,
    });
  } else {
    work.namespaces.splice(work.namespaces.indexOf(namespace), 1);
    work.deleted.push(namespace);
    work.summary.deleted.push(name);
  }
}

function renameClass(work: Work, name: string, to: string): void {
  const namespace = ownNamespace(work, name);
  if (work.input.declared.get(to)?.state !== "created") {
    problem(work, name, "config_references_nonexistent_class", {
      message: `It is renamed to '${to}', which 'exports' does not declare.`,
      suggestion: `Add '${to}' to 'exports'.`,
    });
  } else if (namespace === undefined) {
    noteStale(work, name);
  } else if (ownNamespace(work, to) !== undefined) {
    problem(work, name, "tombstone_renamed_to_occupied", {
      message: `It is renamed to '${to}', which has Durable Objects of its own.`,
    });
  } else {
    namespace.className = to;
    work.summary.renamed.push({ from: name, to });
    if (work.input.exports.has(name)) {
      note(work, name, "tombstone_class_still_in_code", {
        message: "It is renamed, and the code still exports it.",
        namespace_id: namespace.id,
      });
    }
  }
}

function matchClass(work: Work, name: string, storage: "sqlite" | "legacy-kv"): void {
  const { script, exports, newNamespaceId } = work.input;
  const namespace = ownNamespace(work, name);
  if (!exports.has(name)) {
    problem(work, name, "config_export_not_in_code", {
      message: "'exports' declares the class, and the code does not export it.",
      suggestion: "Export the class from the main module, or mark it as deleted or renamed.",
    });
  } else if (namespace === undefined && storage === "sqlite") {
    const id = newNamespaceId(name);
    work.namespaces.push({ id, script, className: name, useSqlite: true });
    work.summary.created.push(name);
  } else if (namespace?.useSqlite !== (storage === "sqlite")) {
    problem(work, name, "storage_type_mismatch", {
      message: `'exports' says '${storage}', which is not the storage that the class has or could get.`,
      suggestion: "New classes are of 'sqlite'; the storage of a class never changes.",
    });
  }
}

/** Classes that have objects, or could, and of which the upload says nothing. */
function noteUndeclared(work: Work): void {
  const { script, declared, objectClasses } = work.input;
  const named = new Set(work.summary.renamed.map(({ to }) => to));
  for (const { id, className, script: owner } of work.namespaces) {
    if (owner !== script || declared.has(className) || named.has(className)) continue;
    problem(work, className, "provisioned_class_missing_from_config", {
      message: "The class has Durable Objects, and 'exports' says nothing of it.",
      suggestion: "Declare it, or mark it as deleted or renamed.",
      namespace_id: id,
    });
  }
  for (const name of objectClasses.filter((candidate) => !declared.has(candidate))) {
    note(work, name, "code_class_not_in_exports", {
      message: "The code exports a Durable Object class of which 'exports' says nothing.",
    });
  }
}

function noteStale(work: Work, name: string): void {
  const users = work.input.scriptsNaming(name);
  note(work, name, "stale_tombstone", {
    message: "There is nothing left to do for this entry.",
    ...(users.length === 0 ? {} : { referencing_scripts: users }),
  });
  if (users.length === 0) work.summary.removable_entries.push(name);
}

function ownNamespace({ namespaces, input }: Work, name: string): Namespace | undefined {
  return namespaces.find(({ script, className }) => script === input.script && className === name);
}

type NoteParts = Omit<Note, "class" | "scenario">;

function problem({ problems }: Work, name: string, scenario: string, parts: NoteParts): void {
  problems.push({ class: name, scenario, ...parts });
}

function note({ summary }: Work, name: string, scenario: string, parts: NoteParts): void {
  summary.info.push({ class: name, scenario, ...parts });
}

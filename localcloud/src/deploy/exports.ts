import { ERRORS, fail } from "../errors.ts";
import type { Namespace } from "../model/state.ts";
import type { DeclaredClass } from "./exports-parser.ts";
import { expectClass, transferClass } from "./exports-transfer.ts";
import {
  type ReconcileInput,
  type Reconciliation,
  type Work,
  note,
  checkStorage,
  noteNotInCode,
  noteStale,
  ownNamespace,
  problem,
} from "./reconciliation.ts";

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
  for (const state of ["deleted", "transferred", "renamed", "created", "expecting-transfer"]) {
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

/** The classes that reconciling would change. */
export function changedClasses(summary: Reconciliation): string[] {
  const { created, deleted, renamed, transferred } = summary;
  return [
    ...created,
    ...deleted,
    ...renamed.map(({ from }) => from),
    ...transferred.map(({ class: name }) => name),
  ];
}

function apply(work: Work, name: string, entry: DeclaredClass): void {
  switch (entry.state) {
    case "deleted":
      return deleteClass(work, name);
    case "renamed":
      return renameClass(work, name, entry.to);
    case "transferred":
      return transferClass(work, name, entry.to);
    case "expecting-transfer":
      return expectClass(work, name, entry);
    case "created":
      return matchClass(work, name, entry.storage);
  }
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
    noteNotInCode(work, name);
  } else if (namespace === undefined) {
    if (storage === "legacy-kv") {
      return problem(work, name, "invalid_export", {
        message: "'exports' says 'legacy-kv', which no new class can have.",
        suggestion: "Use 'sqlite'.",
      });
    }
    const id = newNamespaceId(name);
    work.namespaces.push({ id, script, className: name, useSqlite: true });
    work.summary.created.push(name);
  } else {
    checkStorage(work, namespace, storage);
  }
}

/** Classes that have objects, or could, and of which the upload says nothing. */
function noteUndeclared(work: Work): void {
  const { script, declared, exports, objectClasses } = work.input;
  const named = new Set(work.summary.renamed.map(({ to }) => to));
  for (const { id, className, script: owner } of work.namespaces) {
    if (owner !== script || declared.has(className) || named.has(className)) continue;
    const isInCode = exports.has(className);
    problem(
      work,
      className,
      isInCode ? "provisioned_class_missing_from_config" : "orphaned_provisioned_namespace",
      {
        message: `The class has Durable Objects, and ${isInCode ? "'exports' says" : "neither 'exports' nor the code say"} nothing of it.`,
        suggestion: "Declare it, or mark it as deleted, renamed or transferred.",
        namespace_id: id,
      },
    );
  }
  for (const name of objectClasses.filter((candidate) => !declared.has(candidate))) {
    note(work, name, "code_class_not_in_exports", {
      message: "The code exports a Durable Object class of which 'exports' says nothing.",
    });
  }
}

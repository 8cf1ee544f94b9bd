import { ApiError, ERRORS, fail } from "../errors.ts";
import type { Namespace, State } from "../model/state.ts";
import type { RunnableBinding } from "../runtime/types.ts";
import type { MigrationStep, Migrations } from "./migration-parser.ts";

/** What deciding about an upload's classes needs. */
export interface MigrationInput {
  script: string;
  /** Null when the upload has none: tag and namespaces stay as they are. */
  migrations: Migrations | null;
  /** Names that the uploaded main module exports. */
  exports: ReadonlySet<string>;
  /** Bindings of the upload. */
  bindings: readonly RunnableBinding[];
  /** Bindings of the version that serves. */
  deployedBindings: readonly RunnableBinding[];
  /** Every namespace of the account. */
  namespaces: readonly Namespace[];
  /** The script's migration tag; null before its first migration. */
  currentTag: string | null;
  /** Every script of the account. */
  scripts: ReadonlySet<string>;
  /** The account's. */
  plan: State["plan"];
  /** Called once for each class that is new. */
  newNamespaceId: (className: string) => string;
}

export interface MigrationResult {
  /** Every namespace of the account, afterwards. */
  namespaces: Namespace[];
  tag: string | null;
  /** Namespaces whose storage is to be dropped. */
  deleted: Namespace[];
  /** The upload's bindings, with the `namespace_id` of each Durable Object binding. */
  bindings: RunnableBinding[];
}

/**
 * Applies an upload's migrations as Cloudflare does: all of them or none. Changes nothing it is given.
 * @throws {ApiError} with Cloudflare's code when the upload is not allowed
 */
export function migrate(input: MigrationInput): MigrationResult {
  const { migrations, script } = input;
  const ledger: Ledger = {
    input,
    namespaces: input.namespaces.map((namespace) => ({ ...namespace })),
    deleted: [],
    applied: new Map(),
  };
  if (migrations !== null) {
    checkTag(migrations, input.currentTag);
    for (const step of migrations.steps) applyStep(ledger, step);
  }
  for (const namespace of ledger.namespaces) {
    if (namespace.script === script) checkExported(ledger, namespace);
  }
  return {
    namespaces: ledger.namespaces,
    tag: migrations?.newTag ?? input.currentTag,
    deleted: ledger.deleted,
    bindings: input.bindings.map((binding) => resolveBinding(ledger, binding)),
  };
}

interface Ledger {
  input: MigrationInput;
  namespaces: Namespace[];
  deleted: Namespace[];
  /** Class to the migration that this upload applied to it. */
  applied: Map<string, string>;
}

function checkTag(migrations: Migrations, currentTag: string | null): void {
  if (migrations.oldTag === null && migrations.newTag === null) return;
  const got = migrations.oldTag ?? "";
  const expected = currentTag ?? "";
  if (got !== expected) fail(ERRORS.MIGRATION_TAG_MISMATCH, { got, expected });
}

function applyStep(ledger: Ledger, step: MigrationStep): void {
  for (const name of step.newClasses) addClass(ledger, name, false);
  for (const name of step.newSqliteClasses) addClass(ledger, name, true);
  for (const { from, to } of step.renamedClasses) {
    moveClass(ledger, "rename-class", { script: ledger.input.script, name: from }, to);
  }
  for (const { from, fromScript, to } of step.transferredClasses) {
    moveClass(ledger, "transfer-class", { script: fromScript, name: from }, to);
  }
  for (const name of step.deletedClasses) deleteClass(ledger, name);
}

function addClass(ledger: Ledger, name: string, useSqlite: boolean): void {
  claimTarget(ledger, name, useSqlite ? "new-sqlite-class" : "new-class");
  const { script, newNamespaceId, plan } = ledger.input;
  if (plan === "free" && !useSqlite) fail(ERRORS.FREE_PLAN_NEEDS_SQLITE);
  ledger.namespaces.push({ id: newNamespaceId(name), script, className: name, useSqlite });
}

function moveClass(
  ledger: Ledger,
  migration: string,
  from: { script: string; name: string },
  to: string,
): void {
  const namespace = findNamespace(ledger, from.script, from.name);
  if (namespace === undefined) {
    throw new ApiError(ERRORS.CLASS_TO_MIGRATE_MISSING, { migration, ...from });
  }
  claimTarget(ledger, to, migration);
  namespace.script = ledger.input.script;
  namespace.className = to;
}

function deleteClass(ledger: Ledger, name: string): void {
  const { script, bindings, deployedBindings } = ledger.input;
  const namespace = findNamespace(ledger, script, name);
  if (namespace === undefined) {
    throw new ApiError(ERRORS.CLASS_TO_MIGRATE_MISSING, {
      migration: "delete-class",
      name,
      script,
    });
  }
  const isBound = [...bindings, ...deployedBindings].some(
    (binding) => binding.type === "durable_object_namespace" && binding["class_name"] === name,
  );
  if (isBound) fail(ERRORS.DELETED_CLASS_STILL_BOUND, { name });
  ledger.namespaces.splice(ledger.namespaces.indexOf(namespace), 1);
  ledger.deleted.push(namespace);
}

/** A class becomes the home of a namespace once an upload, and only while it is not one already. */
function claimTarget(ledger: Ledger, name: string, migration: string): void {
  if (ledger.applied.has(name)) fail(ERRORS.CLASS_MIGRATED_TWICE, { name });
  if (findNamespace(ledger, ledger.input.script, name) !== undefined) {
    fail(ERRORS.CLASS_ALREADY_DEPENDED_ON, { name, migration });
  }
  ledger.applied.set(name, migration);
}

function checkExported(ledger: Ledger, { className: name }: Namespace): void {
  if (ledger.input.exports.has(name)) return;
  const migration = ledger.applied.get(name);
  if (migration !== undefined) fail(ERRORS.MIGRATED_CLASS_NOT_EXPORTED, { name, migration });
  fail(ERRORS.DEPENDED_ON_CLASS_NOT_EXPORTED, { name });
}

function resolveBinding(ledger: Ledger, binding: RunnableBinding): RunnableBinding {
  if (binding.type !== "durable_object_namespace") return binding;
  const own = ledger.input.script;
  const { script_name: scriptName, class_name: className } = binding;
  const script = typeof scriptName === "string" && scriptName !== "" ? scriptName : own;
  const name = typeof className === "string" ? className : "";
  const namespace = findNamespace(ledger, script, name) ?? findGiven(ledger, script, name);
  if (namespace !== undefined) return { ...binding, namespace_id: namespace.id };
  if (script !== own && !ledger.input.scripts.has(script)) {
    return fail(ERRORS.BINDING_SCRIPT_MISSING, { name, script });
  }
  if (script === own && !ledger.input.exports.has(name)) {
    return fail(ERRORS.BINDING_CLASS_NOT_EXPORTED, { name, script });
  }
  return fail(ERRORS.BINDING_CLASS_NOT_CONFIGURED, { name });
}

/** The script's own binding to a class that it gave away by its `exports` goes where the objects went. */
function findGiven(
  { namespaces, input }: Ledger,
  script: string,
  name: string,
): Namespace | undefined {
  if (script !== input.script) return undefined;
  return namespaces.find(
    ({ transferredFrom, className }) => transferredFrom === script && className === name,
  );
}

function findNamespace(ledger: Ledger, script: string, name: string): Namespace | undefined {
  return ledger.namespaces.find(
    (namespace) => namespace.script === script && namespace.className === name,
  );
}

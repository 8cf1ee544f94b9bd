import { ERRORS, fail } from "../errors.ts";
import { nextId } from "../model/ordinals.ts";
import { type DeployedVersion, type Script, type State, servingVersion } from "../model/state.ts";
import type { RunnableBinding } from "../runtime/types.ts";
import type { DeclaredClasses } from "./exports-parser.ts";
import { type ReconcileResult, type Reconciliation, changesClasses, reconcile } from "./exports.ts";
import type { DeployRequest, Prepared } from "./pipeline.ts";
import { bindingsInto } from "./runnable.ts";

/**
 * Makes the namespaces of a draft those that an upload declares. Undefined when it declares none.
 * @throws {ApiError} 100402 when that cannot be, 10021 when migrations follow on declared classes
 */
export function applyClasses(
  draft: State,
  script: Script,
  request: DeployRequest,
  prepared: Prepared,
): Reconciliation | undefined {
  const result = reconcileDraft(draft, script, request, prepared);
  if (result === undefined) return undefined;
  draft.namespaces = result.namespaces;
  draft.doomedNamespaces.push(...result.deleted.map(({ id }) => id));
  return result.summary;
}

/**
 * Passes when a version that is not deployed leaves the namespaces as they are.
 * @throws {ApiError} 100406 for a binding to a class that is still to be made, 10211 for every other change
 */
export function checkClasses(
  draft: State,
  script: Script,
  request: DeployRequest,
  prepared: Prepared,
): Reconciliation | undefined {
  const summary = reconcileDraft(draft, script, request, prepared)?.summary;
  if (summary === undefined || !changesClasses(summary)) return summary;
  const { created, deleted, renamed } = summary;
  const binding = prepared.bindings.find(
    (one) => isOwn(script, one) && created.includes(nameOf(one)),
  );
  if (binding !== undefined) {
    fail(ERRORS.BINDING_NEEDS_EXPORT, { name: binding.name, className: nameOf(binding) });
  }
  const classes = [...created, ...deleted, ...renamed.map(({ from }) => from)].join(", ");
  return fail(ERRORS.CLASSES_IN_VERSION, { classes });
}

function reconcileDraft(
  draft: State,
  script: Script,
  { upload }: DeployRequest,
  { probed }: Prepared,
): ReconcileResult | undefined {
  if (upload.classes === null) {
    if (upload.migrations !== null && servingVersion(script)?.declaredClasses !== undefined) {
      fail(ERRORS.EXPORTS_AND_MIGRATIONS, {
        why: "This Worker declares its classes in 'exports', and cannot return to 'migrations'.",
      });
    }
    return undefined;
  }
  const users = bindingsInto(draft, script.name);
  return reconcile({
    script: script.name,
    declared: upload.classes,
    exports: new Set(probed.exports.map(({ name }) => name)),
    objectClasses: probed.exports
      .filter(({ kind }) => kind === "durable-object")
      .map(({ name }) => name),
    namespaces: draft.namespaces,
    usersOf: (id) => namesOf(users.filter(({ binding }) => binding["namespace_id"] === id)),
    scriptsNaming: (name) => namesOf(users.filter(({ binding }) => nameOf(binding) === name)),
    newNamespaceId: (name) => nextId(draft, "namespace", `${script.name}:${name}`),
  });
}

function namesOf(users: readonly { script: string }[]): string[] {
  return [...new Set(users.map(({ script }) => script))];
}

function isOwn(script: Script, binding: RunnableBinding): boolean {
  const owner = binding["script_name"] ?? "";
  return binding.type === "durable_object_namespace" && (owner === "" || owner === script.name);
}

function nameOf(binding: RunnableBinding): string {
  return String(binding["class_name"]);
}

/** The classes that have, or get, objects, with their storage. */
export function liveClasses(declared: DeclaredClasses): Record<string, string> {
  const live = [...declared].flatMap(([name, entry]) =>
    entry.state === "created" ? [[name, entry.storage] as const] : [],
  );
  return Object.fromEntries(live);
}

/** A text that is another one after every change of a script's classes. */
export function classesOf({ namespaces }: State, name: string): string {
  return namespaces
    .filter(({ script }) => script === name)
    .map(({ id, className }) => `${id}:${className}`)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join(" ");
}

/** @throws {ApiError} 100405 when versions that are to serve at once declare different classes */
export function requireSameClasses(script: Script, shares: readonly DeployedVersion[]): void {
  const declared = shares.map(({ id }) => {
    const classes = script.versions.find((version) => version.id === id)?.declaredClasses ?? {};
    return {
      id,
      text: JSON.stringify(Object.entries(classes).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    };
  });
  const [first] = declared;
  const other = declared.find(({ text }) => text !== first?.text);
  if (other !== undefined && first !== undefined) {
    fail(ERRORS.EXPORTS_DIFFER, { id: other.id, other: first.id });
  }
}

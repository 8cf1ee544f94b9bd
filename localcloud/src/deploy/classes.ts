import { ERRORS, fail } from "../errors.ts";
import { nextId } from "../model/ordinals.ts";
import {
  type DeployedVersion,
  type Script,
  type State,
  type Version,
  servingVersion,
} from "../model/state.ts";
import type { RunnableBinding } from "../runtime/types.ts";
import type { DeclaredClasses } from "./exports-parser.ts";
import { type ReconcileResult, changedClasses, reconcile } from "./exports.ts";
import type { DeployRequest, Prepared } from "./pipeline.ts";
import type { PendingTransfer, Reconciliation } from "./reconciliation.ts";
import { bindingsInto } from "./runnable.ts";

const NONE: DeclaredClasses = new Map();

/**
 * Makes the namespaces of a draft those that an upload declares. Undefined when it declares none, and neither
 * does what serves.
 * @throws {ApiError} 100402 when that cannot be, 10021 when migrations follow on declared classes
 */
export function applyClasses(
  draft: State,
  script: Script,
  request: DeployRequest,
  prepared: Prepared,
): Reconciliation | undefined {
  const isDeclaring = servingVersion(script)?.declaredClasses !== undefined;
  if (isDeclaring && request.upload.migrations !== null) {
    fail(ERRORS.EXPORTS_AND_MIGRATIONS, {
      why: "This Worker declares its classes in 'exports', and cannot return to 'migrations'.",
    });
  }
  const declared = request.upload.classes ?? (isDeclaring ? NONE : null);
  if (declared === null) return undefined;
  const result = reconcileDraft(draft, script, declared, prepared);
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
  const { classes: declared } = request.upload;
  if (declared === null) return undefined;
  const { summary } = reconcileDraft(draft, script, declared, prepared);
  const expected = servingVersion(script)?.expectedClasses ?? {};
  const changed = [
    ...changedClasses(summary),
    ...summary.transfer_pending.map((one) => one.class).filter((name) => !(name in expected)),
  ];
  if (changed.length === 0) return summary;
  const { created } = summary;
  const binding = prepared.bindings.find(
    (one) => isOwn(script, one) && created.includes(nameOf(one)),
  );
  if (binding !== undefined) {
    fail(ERRORS.BINDING_NEEDS_EXPORT, { name: binding.name, className: nameOf(binding) });
  }
  return fail(ERRORS.CLASSES_IN_VERSION, { classes: changed.join(", ") });
}

function reconcileDraft(
  draft: State,
  script: Script,
  declared: DeclaredClasses,
  { probed }: Prepared,
): ReconcileResult {
  const users = bindingsInto(draft, script.name);
  return reconcile({
    script: script.name,
    declared,
    exports: new Set(probed.exports.map(({ name }) => name)),
    objectClasses: probed.exports
      .filter(({ kind }) => kind === "durable-object")
      .map(({ name }) => name),
    namespaces: draft.namespaces,
    scripts: new Set(draft.scripts.map(({ name }) => name)),
    pendingTransfers: pendingTransfers(draft),
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

/** What deployed scripts expect to be given, and were not yet. */
function pendingTransfers({ scripts, namespaces }: State): PendingTransfer[] {
  return scripts.flatMap((script) =>
    Object.entries(servingVersion(script)?.expectedClasses ?? {})
      .filter(
        ([className]) =>
          !namespaces.some((one) => one.script === script.name && one.className === className),
      )
      .map(([className, { from }]) => ({ from, to: script.name, className })),
  );
}

type KeptClasses = Pick<Version, "declaredClasses" | "expectedClasses">;

/** What a version keeps of the classes that its upload declared: those that have objects, or get some. */
export function liveClasses(declared: DeclaredClasses): KeptClasses {
  const live: Record<string, string> = {};
  const expected: NonNullable<Version["expectedClasses"]> = {};
  for (const [name, entry] of declared) {
    if (entry.state === "created") live[name] = entry.storage;
    if (entry.state === "expecting-transfer") {
      expected[name] = { storage: entry.storage, from: entry.from };
    }
  }
  return {
    declaredClasses: live,
    ...(Object.keys(expected).length === 0 ? {} : { expectedClasses: expected }),
  };
}

/** The same as an upload's metadata says it; nothing when none were declared. */
export function exportsMetadata({
  declaredClasses,
  expectedClasses = {},
}: KeptClasses): Record<string, unknown> {
  if (declaredClasses === undefined) return {};
  const type = "durable-object";
  const live = Object.entries(declaredClasses).map(
    ([name, storage]) => [name, { type, state: "created", storage }] as const,
  );
  const expected = Object.entries(expectedClasses).map(
    ([name, { storage, from }]) =>
      [name, { type, state: "expecting-transfer", storage, transfer_from: from }] as const,
  );
  return { exports: Object.fromEntries([...live, ...expected]) };
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
    const version = script.versions.find((candidate) => candidate.id === id);
    const classes = Object.entries({ ...version?.declaredClasses, ...version?.expectedClasses });
    return { id, text: JSON.stringify(classes.toSorted(([a], [b]) => (a < b ? -1 : 1))) };
  });
  const [first] = declared;
  const other = declared.find(({ text }) => text !== first?.text);
  if (other !== undefined && first !== undefined) {
    fail(ERRORS.EXPORTS_DIFFER, { id: other.id, other: first.id });
  }
}

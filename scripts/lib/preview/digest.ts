import { maskText, maskValue, type MaskOptions } from "./mask.ts";

/** What an update does to a resource. */
export type Action = "create" | "update" | "replace" | "delete" | "adopt" | "forget";

/** What a program says of a resource. */
export type Inputs = { readonly [name: string]: unknown };

/** A resource that an update would touch. */
export interface ResourceChange {
  /** Last part of its type, such as `WorkersScript`; `Provider` for a provider. */
  readonly kind: string;
  readonly name: string;
  readonly action: Action;
  /** Inputs of the last update; undefined for one that is new. */
  readonly before: Inputs | undefined;
  /** Inputs of this one; undefined for one that goes. */
  readonly after: Inputs | undefined;
  /** Whether the engine refuses to delete or replace it, before and after. */
  readonly isProtected: { readonly before: boolean; readonly after: boolean };
}

/** A preview, without what it leaves alone. No credential is in it. */
export interface Digest {
  /** Sorted by kind and name. */
  readonly resources: readonly ResourceChange[];
  /** Why the preview failed; empty when it did not. */
  readonly errors: readonly string[];
}

/** Operations of the engine (pkg/resource/deploy/step.go of v3.259.0) that change something. */
const ACTIONS: { readonly [op: string]: Action } = {
  create: "create",
  update: "update",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "discard-replaced": "replace",
  delete: "delete",
  import: "adopt",
  "import-replacement": "replace",
  "remove-pending-replace": "replace",
  discard: "forget",
};

/**
 * Reads what `pulumi preview --json` prints: `{steps, diagnostics, …}`.
 * @throws Error when it is none of that
 */
export function parseDigest(output: string, options: MaskOptions = {}): Digest {
  const digest = record(parseJson(output));
  if (digest === undefined) throw new Error("pulumi preview --json printed no JSON");
  const byUrn = new Map<string, ResourceChange>();
  for (const step of list(digest["steps"])) {
    const change = parseStep(step, options);
    if (change === undefined) continue;
    const [urn, found] = change;
    const other = byUrn.get(urn);
    byUrn.set(urn, other === undefined ? found : merge(other, found));
  }
  const errors = list(digest["diagnostics"]).flatMap((entry) => {
    const { severity, message } = record(entry) ?? {};
    if (severity !== "error" || typeof message !== "string") return [];
    return [
      maskText(message, options)
        .replace(/^error: /, "")
        .trim(),
    ];
  });
  const resources = [...byUrn.values()].toSorted((a, b) => compare(keyOf(a), keyOf(b)));
  return { resources, errors: [...new Set(errors)] };
}

function parseStep(step: unknown, options: MaskOptions): [string, ResourceChange] | undefined {
  const { op, urn, oldState, newState } = record(step) ?? {};
  if (typeof op !== "string" || typeof urn !== "string") return undefined;
  const action = Object.hasOwn(ACTIONS, op) ? ACTIONS[op] : undefined;
  const [, namespace, type = "", name = ""] = /([^:$]+):([^:$]+)::([^:]+)$/.exec(urn) ?? [];
  // The stack is no resource of anybody's, and its outputs follow from the others.
  if (action === undefined || type === "Stack") return undefined;
  const [before, after] = [record(oldState), record(newState)];
  return [
    urn,
    {
      kind: namespace === "providers" ? "Provider" : type,
      name,
      action,
      before: inputsOf(before, options),
      after: action === "delete" ? undefined : inputsOf(after, options),
      isProtected: { before: before?.["protect"] === true, after: after?.["protect"] === true },
    },
  ];
}

/** A replacement is two or three steps: what was and what will be may come from different ones. */
function merge(a: ResourceChange, b: ResourceChange): ResourceChange {
  return {
    ...a,
    action: "replace",
    before: a.before ?? b.before,
    after: a.after ?? b.after,
    isProtected: {
      before: a.isProtected.before || b.isProtected.before,
      after: a.isProtected.after || b.isProtected.after,
    },
  };
}

function inputsOf(
  state: { readonly [key: string]: unknown } | undefined,
  options: MaskOptions,
): Inputs | undefined {
  const inputs = record(state?.["inputs"]);
  return inputs === undefined ? undefined : record(maskValue(inputs, options));
}

function parseJson(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}

/** An object's fields; undefined for anything else. */
export function record(value: unknown): Inputs | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? { ...value }
    : undefined;
}

/** The items of a list; none for anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** One of the bindings of a script's inputs. */
export function bindingNamed(inputs: Inputs, name: string): Inputs | undefined {
  return list(inputs["bindings"])
    .map(record)
    .find((binding) => binding?.["name"] === name);
}

function keyOf({ kind, name }: ResourceChange): string {
  return `${kind} ${name}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

import { ERRORS, fail } from "../errors.ts";
import type { RunnableBinding } from "../runtime/types.ts";

/** What decides an upload's bindings. */
export interface InheritInput {
  uploaded: readonly RunnableBinding[];
  /** Types of bindings that are taken over from the version before, unless uploaded again. */
  keep: readonly string[];
  /** Bindings of the newest version that there is, whether it serves or not. */
  previous: readonly RunnableBinding[];
  /** Bindings of any version; undefined when there is none with this id. */
  bindingsOf: (versionId: string) => readonly RunnableBinding[] | undefined;
  /** `?bindings_inherit=strict`: an `inherit` binding that there is none for is an error. */
  strict: boolean;
}

/**
 * The bindings that an upload ends up with, sorted by name as Cloudflare lists them. A PUT replaces all
 * bindings, secrets too, save for those that it keeps or inherits.
 * @throws {ApiError} 10057 for an `inherit` binding without a source, when `strict`
 */
export function inheritBindings({
  uploaded,
  keep,
  previous,
  bindingsOf,
  strict,
}: InheritInput): RunnableBinding[] {
  const resolved = uploaded.flatMap((binding) => {
    if (binding.type !== "inherit") return [binding];
    const from = typeof binding["old_name"] === "string" ? binding["old_name"] : binding.name;
    const of = typeof binding["version_id"] === "string" ? binding["version_id"] : "latest";
    const candidates = of === "latest" ? previous : (bindingsOf(of) ?? []);
    const source = candidates.find((candidate) => candidate.name === from);
    if (source !== undefined) return [{ ...source, name: binding.name }];
    return strict ? fail(ERRORS.MISSING_INHERITED_BINDING, { name: binding.name, from }) : [];
  });
  const kept = previous.filter(
    (binding) =>
      keep.includes(binding.type) && !resolved.some((other) => other.name === binding.name),
  );
  return sortBindings([...resolved, ...kept]);
}

/** By name, in the order of code units. */
export function sortBindings(bindings: readonly RunnableBinding[]): RunnableBinding[] {
  return bindings.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

import type { RunnableBinding, RunnableScript } from "./types.ts";

/** The script that a binding points to, or null when it points to no other script. */
function boundScript(binding: RunnableBinding, owner: string): string | null {
  const target =
    binding.type === "service"
      ? binding["service"]
      : binding.type === "durable_object_namespace"
        ? binding["script_name"]
        : null;
  return typeof target === "string" && target !== "" && target !== owner ? target : null;
}

/**
 * The names of all scripts that must share one workerd with `name`: those it is bound to or that are
 * bound to it, directly or through others, sorted. Bindings to scripts that are not in `all` connect
 * nothing.
 */
export function connectedScripts(name: string, all: ReadonlyMap<string, RunnableScript>): string[] {
  const neighbours = linksBetween(all);
  const found = new Set([name]);
  // A Set's iterator also visits what is added on the way.
  for (const current of found) {
    for (const next of neighbours.get(current) ?? []) found.add(next);
  }
  return [...found].toSorted();
}

export function byName(scripts: readonly RunnableScript[]): Map<string, RunnableScript> {
  return new Map(scripts.map((script) => [script.name, script]));
}

/** Splits scripts into groups that have nothing to do with each other. */
export function components(all: ReadonlyMap<string, RunnableScript>): RunnableScript[][] {
  const groups: RunnableScript[][] = [];
  const seen = new Set<string>();
  for (const name of all.keys()) {
    if (seen.has(name)) continue;
    const members = connectedScripts(name, all);
    for (const member of members) seen.add(member);
    groups.push(members.flatMap((member) => all.get(member) ?? []));
  }
  return groups;
}

function linksBetween(all: ReadonlyMap<string, RunnableScript>): Map<string, Set<string>> {
  const links = new Map<string, Set<string>>();
  for (const name of all.keys()) links.set(name, new Set());
  for (const [name, script] of all) {
    for (const binding of script.bindings) {
      const target = boundScript(binding, name);
      if (target === null || !all.has(target)) continue;
      links.get(name)?.add(target);
      links.get(target)?.add(name);
    }
  }
  return links;
}

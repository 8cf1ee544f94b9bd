import { record } from "./digest.ts";

/** What the engine writes for what is only known after the update (pkg/resource/plugin/rpc.go). */
const UNKNOWN: ReadonlySet<string> = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/**
 * Every value of a resource's inputs by its path, sorted: `bindings.SETTINGS.json.limits.tabsPerVisitor`.
 * Items of a list with a name go by it; plain ones by themselves, `flags[]=a`, so that one more moves
 * none of the others; the rest by their place. JSON within strings is taken apart.
 */
export function flatten(inputs: unknown): ReadonlyMap<string, string> {
  const found: [string, string][] = [];
  collect(inputs, "", found);
  return new Map(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** A path as people read it: without what tells the plain items of a list apart. */
export function shownPath(path: string): string {
  return path.replace(/\[\]=.*$/s, "[]");
}

function collect(value: unknown, path: string, found: [string, string][]): void {
  const plain = typeof value === "string" ? (parseNested(value) ?? value) : value;
  const entries = Array.isArray(plain) ? itemsOf(plain) : fieldsOf(plain);
  for (const [name, item] of entries) collect(item, `${path}${name}`.replace(/^\./, ""), found);
  if (entries.length === 0 && path !== "") found.push([path, show(plain)]);
}

type Entry = readonly [name: string, value: unknown];

function itemsOf(items: readonly unknown[]): Entry[] {
  return items.map((item, index) => {
    const { name, ...others } = record(item) ?? {};
    if (typeof name === "string") return [`.${name}`, others];
    return typeof item === "object" ? [`.${index}`, item] : [`[]=${show(item)}`, item];
  });
}

/** Without the engine's own notes, `__internal` and the like. */
function fieldsOf(value: unknown): Entry[] {
  return Object.entries(record(value) ?? {}).flatMap(([name, item]) =>
    name.startsWith("__") ? [] : [[`.${name}`, item]],
  );
}

/** The list or object that a string holds as JSON. */
export function parseNested(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A value as people read it: text without quotes, the rest as JSON. */
export function show(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value) ?? "";
  return UNKNOWN.has(value) ? "(known after the update)" : value;
}

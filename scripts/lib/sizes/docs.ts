/**
 * A document with its measured parts made anew: each stands between `<!-- sizes:NAME -->` and
 * `<!-- sizes:end -->`.
 * @throws Error when a part has no place, or a place no part
 */
export function renderSizes(document: string, parts: Readonly<Record<string, string>>): string {
  const left = new Map(Object.entries(parts));
  const rendered = document.replaceAll(
    /<!-- sizes:(\w+) -->\n[^]*?<!-- sizes:end -->/g,
    (_place, name: string) => {
      const part = left.get(name);
      if (part === undefined) throw new Error(`docs/size.md: nothing is measured for '${name}'`);
      left.delete(name);
      return `<!-- sizes:${name} -->\n\n${part}\n\n<!-- sizes:end -->`;
    },
  );
  if (left.size > 0)
    throw new Error(`docs/size.md has no place for ${[...left.keys()].join(", ")}`);
  return rendered;
}

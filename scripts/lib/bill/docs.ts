import { formatMeasured, formatPrices, formatSites } from "./markdown.ts";
import { comparisons, describeRuns } from "./measured.ts";
import { SITES } from "./sites.ts";

/**
 * docs/cost.md with its tables and figures made anew: each stands between `<!-- bill:NAME -->` and
 * `<!-- bill:end -->`.
 * @param results the content of bench/results.json
 * @throws Error when a table has no place, or a place no table
 */
export function renderDocs(text: string, results: unknown): string {
  const tables = new Map([
    ["sites", formatSites(SITES)],
    ["prices", formatPrices()],
    ["measured", formatMeasured(comparisons(results))],
    [
      "runs",
      describeRuns(results)
        .map((line) => `- ${line}`)
        .join("\n"),
    ],
  ]);
  const rendered = text.replaceAll(
    /<!-- bill:(\w+) -->\n[^]*?<!-- bill:end -->/g,
    (_place, name: string) => {
      const table = tables.get(name);
      if (table === undefined) throw new Error(`docs/cost.md: there is no table '${name}'`);
      tables.delete(name);
      return `<!-- bill:${name} -->\n\n${table}\n\n<!-- bill:end -->`;
    },
  );
  if (tables.size > 0) {
    throw new Error(`docs/cost.md has no place for ${[...tables.keys()].join(", ")}`);
  }
  return rendered;
}

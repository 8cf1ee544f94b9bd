import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { renderDocs } from "./lib/bill/docs.ts";
import { estimate } from "./lib/bill/estimate.ts";
import { formatSites } from "./lib/bill/markdown.ts";
import { BILL_USAGE, BillUsageError, parseBillOptions } from "./lib/bill/options.ts";
import { formatEstimate } from "./lib/bill/report.ts";
import { SITES } from "./lib/bill/sites.ts";
import { writeFileAtomically } from "./lib/files.ts";
import { CHECKOUT } from "./lib/project.ts";

/**
 * What the command prints for these arguments. With `--docs` it also writes docs/cost.md.
 * @throws BillUsageError
 */
export async function bill(args: readonly string[]): Promise<string> {
  const options = parseBillOptions(args);
  if (options === "help") return BILL_USAGE;
  const { traffic, plan, format } = options;
  if (format === "docs") return writeDocs(CHECKOUT);
  if (traffic === null) return formatSites(SITES);
  if (format === "markdown") return formatSites([{ name: "Your site", traffic }]);
  const result = estimate(traffic);
  return format === "json" ? JSON.stringify(result, null, 2) : formatEstimate(result, plan);
}

async function writeDocs(folder: string): Promise<string> {
  const path = join(folder, "docs/cost.md");
  const results: unknown = JSON.parse(await readFile(join(folder, "bench/results.json"), "utf8"));
  const before = await readFile(path, "utf8");
  const after = renderDocs(before, results);
  if (after === before) return "docs/cost.md is up to date";
  await writeFileAtomically(path, after);
  return "docs/cost.md: wrote the tables";
}

if (import.meta.main) {
  try {
    console.log(await bill(process.argv.slice(2)));
  } catch (error) {
    if (!(error instanceof BillUsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

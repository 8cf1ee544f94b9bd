import { estimate } from "./lib/bill/estimate.ts";
import { formatSites } from "./lib/bill/markdown.ts";
import { BILL_USAGE, BillUsageError, parseBillOptions } from "./lib/bill/options.ts";
import { formatEstimate } from "./lib/bill/report.ts";
import { SITES } from "./lib/bill/sites.ts";

/**
 * What the command prints for these arguments.
 * @throws BillUsageError
 */
export function bill(args: readonly string[]): string {
  const options = parseBillOptions(args);
  if (options === "help") return BILL_USAGE;
  const { traffic, plan, format } = options;
  if (traffic === null) return formatSites(SITES);
  if (format === "markdown") return formatSites([{ name: "Your site", traffic }]);
  const result = estimate(traffic);
  return format === "json" ? JSON.stringify(result, null, 2) : formatEstimate(result, plan);
}

if (import.meta.main) {
  try {
    console.log(bill(process.argv.slice(2)));
  } catch (error) {
    if (!(error instanceof BillUsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

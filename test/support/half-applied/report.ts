import type { Cell } from "./matrix.ts";
import { isWrite, WAYS, type KnownRequest } from "./requests.ts";

/** One row an operation: in how many cases everything was right in the end. */
export function renderTable(cells: readonly Cell[]): string {
  const operations = [...new Set(cells.map(({ operation }) => operation))];
  const rows = operations.map((operation) => {
    const own = cells.filter((cell) => cell.operation === operation);
    const requests = new Set(own.map(({ request }) => describeRequest(request))).size;
    const columns = WAYS.map((way) => healedOf(own.filter((cell) => cell.way === way)));
    return [operation, String(requests), ...columns];
  });
  return table([["operation", "requests", ...WAYS], ...rows]);
}

/** What is not as it should be after a request failed and the command was run again; undefined for nothing. */
export function problemOf(cell: Cell): string | undefined {
  const { request, way, failed, written, repeated, refreshed, difference } = cell;
  if (
    failed.code !== 0 &&
    way !== "killed" &&
    !/What to do: |Nothing was changed/.test(failed.output)
  ) {
    return "the failure does not say what to do";
  }
  if (!isWrite(request) && failed.code !== 0 && written.length > 0) {
    return "changed something before it failed to read";
  }
  if (repeated === undefined) return undefined;
  if (refreshed !== undefined && !repeated.output.includes("run the same command with --refresh")) {
    return "the second run fails and does not say what to do";
  }
  if ((refreshed ?? repeated).code !== 0) return "fails again and again";
  return difference === undefined ? undefined : "ends in another state";
}

export function describeRequest({ method, path, before }: KnownRequest): string {
  const short = path.replaceAll(/[\da-f]{32}/g, "…");
  return `${method} ${short}${before === 0 ? "" : ` (${before + 1})`}`;
}

export function describeCell({ operation, request, way }: Cell): string {
  return `${operation}: ${describeRequest(request)}: ${way}`;
}

/** What the CLI says went wrong, without its progress. */
export function diagnosticsOf(output: string): string {
  const start = output.indexOf("Diagnostics:");
  const end = output.search(/^(Outputs|Resources):/m);
  return start < 0 ? output.trim() : output.slice(start, end < start ? undefined : end).trim();
}

function healedOf(cells: readonly Cell[]): string {
  if (cells.length === 0) return "-";
  const healed = cells.filter((cell) => problemOf(cell) === undefined);
  const refreshed = healed.filter((cell) => cell.refreshed !== undefined).length;
  const how = refreshed === 0 ? "" : `, ${refreshed} with --refresh`;
  return `${healed.length} of ${cells.length}${how}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

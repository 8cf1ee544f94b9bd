/** A number for reading: whole ones with separators, millions and more in short. */
export function formatUnits(value: number): string {
  if (value >= 10_000_000) return `${(value / 1_000_000).toLocaleString("en", decimals(1))} M`;
  if (value >= 10 || value === 0) return Math.round(value).toLocaleString("en");
  return value.toLocaleString("en", { maximumSignificantDigits: 2 });
}

export function formatDollars(value: number): string {
  return `$${value.toLocaleString("en", { ...decimals(2), minimumFractionDigits: 2 })}`;
}

/** A share of a whole, 1 being all of it. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent.toLocaleString("en", percent < 10 ? decimals(1) : decimals(0))}%`;
}

function decimals(maximumFractionDigits: number): Intl.NumberFormatOptions {
  return { maximumFractionDigits };
}

/** Columns of text: the first to the left, all others to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  return aligned(rows, 1, 0).map((cells) => `  ${cells.join("  ")}`.trimEnd());
}

/**
 * The same as a table in Markdown, laid out as the formatter does it.
 * @param textColumns how many columns are to the left
 */
export function formatMarkdownTable(
  rows: readonly (readonly string[])[],
  textColumns: number = 1,
): string {
  const [header = [], ...body] = aligned(rows, textColumns, MIN_RULE);
  const rule = header.map(({ length }, index) =>
    index < textColumns ? "-".repeat(length) : `${"-".repeat(length - 1)}:`,
  );
  return [header, rule, ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Least length of the rule below a header. */
const MIN_RULE = 3;

function aligned(
  rows: readonly (readonly string[])[],
  textColumns: number,
  minWidth: number,
): string[][] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? minWidth, cell.length);
    }
  }
  return rows.map((row) =>
    row.map((cell, index) => {
      const width = widths[index] ?? 0;
      return index < textColumns ? cell.padEnd(width) : cell.padStart(width);
    }),
  );
}

import { formatMarkdownTable, formatUnits } from "../bill/format.ts";
import type { Measured, Size } from "./subject.ts";

/**
 * The parts of the package.
 * @param script the one that is served as it is, bundled by nobody
 */
export function formatOurs(parts: readonly Measured[], script: Size): string {
  return formatMarkdownTable([
    ["import", "minified", "and gzip", "by esbuild"],
    ...parts.map((part) => [part.subject.name, ...bytes(part)]),
    [
      "`/live.js`, served by the Worker",
      formatUnits(script.minified),
      formatUnits(script.gzipped),
      "",
    ],
  ]);
}

/**
 * Everybody by size, with how many times the size of `ours` they are.
 * @param ours stands in bold
 */
export function formatPeers(ours: Measured, peers: readonly Measured[]): string {
  const all = [ours, ...peers].toSorted((a, b) => a.rolldown.gzipped - b.rolldown.gzipped);
  const rows = all.map((measured) => {
    const { subject, rolldown } = measured;
    return [
      measured === ours ? `**${subject.name}**` : subject.name,
      Object.values(subject.packages).join(", "),
      subject.lacks ?? "",
      ...bytes(measured),
      formatRatio(rolldown.gzipped / ours.rolldown.gzipped),
    ];
  });
  return formatMarkdownTable(
    [["a live count by", "version", "", "minified", "and gzip", "by esbuild", "× ours"], ...rows],
    3,
  );
}

function bytes({ rolldown, esbuild }: Measured): string[] {
  return [rolldown.minified, rolldown.gzipped, esbuild.gzipped].map(formatUnits);
}

/** Two digits: more would say more than sizes do. */
function formatRatio(ratio: number): string {
  return ratio.toLocaleString("en", { minimumSignificantDigits: 2, maximumSignificantDigits: 2 });
}

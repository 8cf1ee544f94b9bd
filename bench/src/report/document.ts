import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import type { BenchResults } from "../results.ts";
import { stormPlot } from "./plot.ts";
import { reportText } from "./sections.ts";

/** Files that a run writes. */
export interface Places {
  readonly results: string;
  /** Markdown, of which only the part between two markers is written. */
  readonly document: string;
  readonly plot: string;
}

const START = "<!-- results: written by npm run bench -->";
const END = "<!-- end of results -->";

/** Puts results into the document and draws the plot. */
export async function writeReport(results: BenchResults, places: Places): Promise<void> {
  const { document, plot } = places;
  let part = reportText(results);
  if (results.storm !== undefined) {
    await mkdir(dirname(plot), { recursive: true });
    await writeFile(plot, stormPlot(results.storm));
    const image = relative(dirname(document), plot);
    part = `![Join storm: time and messages until every visitor sees the number of all](${image})\n\n${part}`;
  }
  const text = await readFile(document, "utf8").catch(() => `# Performance\n\n${START}\n${END}\n`);
  await writeFile(document, withPart(text, part));
}

/**
 * Replaces what is between the markers.
 * @throws Error when the text has no such place
 */
export function withPart(text: string, part: string): string {
  const start = text.indexOf(START);
  const end = text.indexOf(END);
  if (start === -1 || end < start) {
    throw new Error(
      `the document has no place for results; put these two lines into it:\n${START}\n${END}`,
    );
  }
  return `${text.slice(0, start + START.length)}\n\n${part.trim()}\n\n${text.slice(end)}`;
}

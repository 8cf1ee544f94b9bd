import { readFile, rename, writeFile } from "node:fs/promises";
import { isRecord } from "../subjects/is-record.ts";
import { type Figures, type Run, figuresOf } from "./figures.ts";

/** What is kept of a run. */
export interface QuietResult extends Run {
  readonly figures: Figures;
  /** ISO date. */
  readonly measuredOn: string;
}

const KEY = "quiet";

/** Puts a run's figures under its clients' name into a file that others keep theirs in too. */
export async function saveRun(path: string, run: Run, measuredOn: string): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => "{}");
  const results: unknown = JSON.parse(text);
  if (!isRecord(results)) throw new TypeError(`${path} is not an object of results; remove it`);
  const result: QuietResult = { measuredOn, ...run, figures: figuresOf(run) };
  const own = isRecord(results[KEY]) ? results[KEY] : {};
  const merged = { ...results, [KEY]: { ...own, [run.clients]: round(result) } };
  // Renamed into place, so that nobody reads half of it.
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, `${JSON.stringify(merged, null, 2)}\n`);
  await rename(partial, path);
}

/** Six digits: what a clock says beyond them means nothing. */
function round(result: QuietResult): unknown {
  const text = JSON.stringify(result, (_key, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(6)) : value,
  );
  return JSON.parse(text);
}

import { readFile, rename, writeFile } from "node:fs/promises";
import { isRecord } from "../subjects/is-record.ts";
import { type Run, figuresOf } from "./figures.ts";
import type { SiteRun } from "./site.ts";

const KEY = "quiet";

/** Puts a run's figures under its clients' name into a file that others keep theirs in too. */
export async function saveRun(path: string, run: Run, measuredOn: string): Promise<void> {
  await save(path, run.clients, { measuredOn, ...run, figures: figuresOf(run) });
}

/** Names of runs whose visitors come and go: as deployed, one split page, with the site total. */
export type SiteName = "site" | "hotPage" | "siteCount";

/** As {@link saveRun}, under a name of its own. */
export async function saveSite(
  path: string,
  name: SiteName,
  run: SiteRun,
  measuredOn: string,
): Promise<void> {
  await save(path, name, { measuredOn, ...run });
}

async function save(path: string, name: string, result: object): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => "{}");
  const results: unknown = JSON.parse(text);
  if (!isRecord(results)) throw new TypeError(`${path} is not an object of results; remove it`);
  const own = isRecord(results[KEY]) ? results[KEY] : {};
  const merged = { ...results, [KEY]: { ...own, [name]: round(result) } };
  // Renamed into place, so that nobody reads half of it.
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, `${JSON.stringify(merged, null, 2)}\n`);
  await rename(partial, path);
}

/** Six digits: what a clock says beyond them means nothing. */
function round(result: object): unknown {
  const text = JSON.stringify(result, (_key, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(6)) : value,
  );
  return JSON.parse(text);
}

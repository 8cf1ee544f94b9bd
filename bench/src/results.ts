import { readFile, rename, writeFile } from "node:fs/promises";
import type { Calibration } from "./load/calibrate.ts";
import type { Machine } from "./machine.ts";
import type { ChurnResult } from "./scenarios/churn.ts";
import type { CrowdResult } from "./scenarios/crowd.ts";
import type { LatencyResult } from "./scenarios/latency.ts";
import type { PagesResult } from "./scenarios/pages.ts";
import type { QuietResult } from "./scenarios/quiet-minute.ts";
import type { ReadsResult } from "./scenarios/reads.ts";
import type { StormResult } from "./scenarios/storm.ts";
import { isRecord } from "./subjects/is-record.ts";

/** What a run of the bench found; what was not run is absent. */
export interface Findings {
  readonly calibration?: Calibration;
  readonly storm?: readonly StormResult[];
  readonly latency?: readonly LatencyResult[];
  readonly churn?: readonly ChurnResult[];
  readonly quiet?: readonly QuietResult[];
  readonly reads?: ReadsResult;
  readonly pages?: readonly PagesResult[];
  readonly crowd?: CrowdResult;
}

export interface BenchResults extends Findings {
  readonly machine: Machine;
  /** ISO date of the run that was saved last. */
  readonly measuredOn: string;
}

const KEY = "bench";

/**
 * Adds findings to those of earlier runs in a file in which other measurements are kept too.
 * @returns all of the bench's findings that are in it then
 */
export async function saveFindings(path: string, results: BenchResults): Promise<BenchResults> {
  const file = await readResults(path);
  const earlier = isRecord(file[KEY]) ? file[KEY] : {};
  const merged = { ...earlier, ...results };
  const text = JSON.stringify({ ...file, [KEY]: merged }, rounded, 2);
  // Renamed into place, so that nobody reads half of it.
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, `${text}\n`);
  await rename(partial, path);
  return merged;
}

async function readResults(path: string): Promise<{ [key: string]: unknown }> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isRecord(error) && error["code"] === "ENOENT") return {};
    throw error;
  }
  const results: unknown = JSON.parse(text);
  if (!isRecord(results)) throw new TypeError(`${path} is not an object of results; remove it`);
  return results;
}

/** Digits beyond the third say nothing and make noise in a diff. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1_000) / 1_000 : value;
}

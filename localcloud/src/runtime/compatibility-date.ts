import { createRequire } from "node:module";
import { isRecord } from "../lib/unknown.ts";

/** Cloudflare takes a script without a compatibility date for one of this day. */
export const FIRST_COMPATIBILITY_DATE = "2021-11-02";

/** The day up to which this workerd, which comes with Miniflare, knows what changes; null when it does not say. */
const NEWEST_COMPATIBILITY_DATE = readNewestDate();

/**
 * The date that a script runs with. Cloudflare takes every day up to today, so a workerd that is older than the
 * date runs the script as of the newest day that it knows.
 */
export function runnableDate(compatibilityDate: string): string {
  const date = compatibilityDate || FIRST_COMPATIBILITY_DATE;
  const newest = NEWEST_COMPATIBILITY_DATE;
  return newest !== null && date > newest ? newest : date;
}

function readNewestDate(): string | null {
  const miniflare = createRequire(import.meta.url).resolve("miniflare");
  const workerd: unknown = createRequire(miniflare)("workerd");
  const date = isRecord(workerd) ? workerd["compatibilityDate"] : null;
  return typeof date === "string" ? date : null;
}

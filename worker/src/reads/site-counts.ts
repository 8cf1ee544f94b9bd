import { READ_FRESH_MS } from "@visitor-tracker/protocol";
import type { Env } from "../env.ts";
import type { SiteCount } from "../site-directory.ts";
import { stubByName } from "../stub.ts";
import { readThroughColoCache } from "./colo-cache.ts";
import { FreshReads, type Reading } from "./fresh-reads.ts";
import { type ReadOptions, countRead } from "./page-counts.ts";

/** With fifty pages each, two megabytes of the longest keys. */
const MAX_SITES_KEPT = 40;

const READS = new WeakMap<Env, FreshReads<SiteCount>>();

/** The total of a site, at most {@link READ_FRESH_MS} old; asks its directory once meanwhile. */
export function readSiteCount(site: string, options: ReadOptions): Promise<Reading<SiteCount>> {
  const { env, config, base } = options;
  return readsOf(env).read(site, () =>
    readThroughColoCache({
      url: `${base}/count/kept?site=${encodeURIComponent(site)}`,
      parse: parseSiteCount,
      async ask() {
        await countRead(options);
        return stubByName(env.SITE_DIRECTORY, site, config.settings).read();
      },
    }),
  );
}

function readsOf(env: Env): FreshReads<SiteCount> {
  const known = READS.get(env);
  if (known !== undefined) return known;
  const reads = new FreshReads<SiteCount>({ freshMs: READ_FRESH_MS, maxEntries: MAX_SITES_KEPT });
  READS.set(env, reads);
  return reads;
}

function parseSiteCount(value: unknown): SiteCount | null {
  if (typeof value !== "object" || value === null) return null;
  const { count, pages }: { count?: unknown; pages?: unknown } = value;
  if (typeof count !== "number" || !Array.isArray(pages)) return null;
  return pages.every(isPageCount) ? { count, pages } : null;
}

function isPageCount(value: unknown): value is SiteCount["pages"][number] {
  if (typeof value !== "object" || value === null) return false;
  const { page, count }: { page?: unknown; count?: unknown } = value;
  return typeof page === "string" && typeof count === "number";
}

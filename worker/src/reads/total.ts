import { MAX_PAGES_PER_READ, isOriginAllowed } from "@visitor-tracker/protocol";
import type { Config, Env } from "../env.ts";
import { quote, refuse } from "../http.ts";
import { refuseForeignOrigin, refuseOrigin } from "../origin.ts";
import { checkPage, siteOf } from "../page.ts";
import { type ReadOptions, TooManyReads, readPageCounts } from "./page-counts.ts";
import { readSiteCount } from "./site-counts.ts";

/** Visitors of the pages that a request names, or of the site when it names none. */
export interface Total {
  /** Sum over the pages, each of them once; for a site, over all that it has. */
  readonly count: number;
  /** In the order asked; for a site, the most visited first. */
  readonly pages: readonly PageCount[];
  /** When the oldest of these numbers was read, in milliseconds since the epoch. */
  readonly timestamp: number;
}

interface PageCount {
  /** The page's key. */
  readonly page: string;
  readonly count: number;
  /** The page as the request wrote it; absent when it asked for a site. */
  readonly asked?: string;
}

/**
 * What `?page=&page=…` and `?site=` of a request ask for, or the refusal. An Origin header is not
 * needed: what matters is that the pages are of a site that is served, so that nobody makes objects
 * for others.
 */
export async function readTotal(
  request: Request,
  env: Env,
  config: Config,
): Promise<Total | Response> {
  const refusal = refuseForeignOrigin(request, config);
  if (refusal !== null) return refusal;
  const url = new URL(request.url);
  const site = readSite(request, url, config);
  if (site instanceof Response) return site;
  const options = { request, env, config, base: url.origin + config.settings.basePath };
  const asked = url.searchParams.getAll("page");
  try {
    if (asked.length === 0) return await readSiteTotal(site, options);
    const keys = checkPages(asked, site, config);
    return keys instanceof Response ? keys : await readPagesTotal(keys, asked, options);
  } catch (error) {
    if (!(error instanceof TooManyReads)) throw error;
    const message = "too many counts are read from this address; try again in a minute";
    return refuse("rate_limited", message, { "Retry-After": "60" });
  }
}

async function readPagesTotal(
  keys: readonly string[],
  asked: readonly string[],
  options: ReadOptions,
): Promise<Total> {
  const counts = await readPageCounts([...new Set(keys)], options);
  return {
    count: [...counts.values()].reduce((sum, { value }) => sum + value, 0),
    pages: keys.map((page, index) => ({
      page,
      count: counts.get(page)?.value ?? 0,
      asked: asked[index] ?? page,
    })),
    timestamp: Math.min(...[...counts.values()].map(({ readMs }) => readMs)),
  };
}

async function readSiteTotal(site: string | null, options: ReadOptions): Promise<Total | Response> {
  const missing = "page is missing; add ?page=/posts/my-post";
  if (!options.config.settings.siteCount) {
    const how = "pulumi config set siteCount true";
    return refuse("site_count_off", `${missing}, or have the total of the site kept: ${how}`);
  }
  if (site === null) {
    return refuse("bad_site", `${missing}, or ?site=https://example.com for the total of a site`);
  }
  const { value, readMs } = await readSiteCount(site, options);
  return { ...value, timestamp: readMs };
}

/**
 * The site that the request speaks of: `?site=`, else who asks, else the Worker's own where that
 * may have pages; null when there is none. Or the refusal of `?site=`.
 */
function readSite(request: Request, url: URL, config: Config): string | null | Response {
  const given = url.searchParams.get("site");
  if (given === null) {
    return request.headers.has("Origin") || hasOwnPages(url, config) ? siteOf(request) : null;
  }
  const site = URL.parse(given);
  if (site === null || !/^https?:$/.test(site.protocol) || site.href !== `${site.origin}/`) {
    return refuse("bad_site", `site ${quote(given)} is no origin; use one as https://example.com`);
  }
  if (isOriginAllowed(config.origins, site.origin)) return site.origin;
  if (site.origin === url.origin && hasOwnPages(url, config)) return site.origin;
  return refuseOrigin(`site ${quote(given)} is not served here; add it to allowedOrigins`);
}

/** Whether pages of the Worker's own origin can be joined at all. */
function hasOwnPages({ origin }: URL, { origins, settings }: Config): boolean {
  return settings.demo || isOriginAllowed(origins, origin) || isOriginAllowed(origins, null);
}

/** A key for each page, or the first refusal. */
function checkPages(
  pages: readonly string[],
  site: string | null,
  config: Config,
): string[] | Response {
  if (pages.length > MAX_PAGES_PER_READ) {
    const most = `ask for at most ${MAX_PAGES_PER_READ} at once`;
    return refuse("bad_page", `${pages.length} pages are too many; ${most}`);
  }
  const keys: string[] = [];
  for (const page of pages) {
    if (site === null && page.startsWith("/")) return refusePath(page);
    const key = checkPage(page, site ?? "", config);
    if (key instanceof Response) return key;
    keys.push(key);
  }
  return keys;
}

function refusePath(page: string): Response {
  const message = `page ${quote(page)} is a path, and nothing says of which site`;
  return refuse("bad_page", `${message}; use its full address, or add &site=https://example.com`);
}

import { isOriginAllowed, pageKey, pageKeyOrigin } from "@visitor-tracker/protocol";
import type { Config, Env } from "./env.ts";
import { quote, refuse } from "./http.ts";
import type { PageCounter } from "./page-counter.ts";
import { stubByName } from "./stub.ts";

/** The site that a request's paths belong to: the one that asks. An opaque origin is no site. */
export function siteOf(request: Request): string {
  const header = request.headers.get("Origin");
  return header === null || header === "null" ? new URL(request.url).origin : header;
}

/**
 * The key of a page that may be counted here, or the refusal of its address or its site.
 * @param site origin that a path belongs to, which is served
 */
export function checkPage(page: string, site: string, config: Config): string | Response {
  const key = pageKey(page, { origin: site, pageQuery: config.settings.pageQuery });
  if (key === null) {
    const message = `page ${quote(page)} is neither a path nor an http(s) URL of at most 1000 bytes`;
    return refuse("bad_page", `${message}; use one such as /posts/my-post`);
  }
  const origin = pageKeyOrigin(key);
  if (origin !== site && !isOriginAllowed(config.origins, origin)) {
    const message = `page ${quote(page)} is on ${origin}, which is not served here`;
    return refuse("origin_not_allowed", `${message}; add it to allowedOrigins`);
  }
  return key;
}

/** The object of a page. */
export function pageCounter(
  env: Env,
  { settings }: Config,
  key: string,
): DurableObjectStub<PageCounter> {
  return stubByName(env.PAGE_COUNTER, key, settings);
}

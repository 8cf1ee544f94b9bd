import { MAX_PAGE_KEY_BYTES } from "./limits.ts";

export interface PageKeyOptions {
  /** Origin that a path belongs to, e.g. `https://example.com`. */
  readonly origin: string;
  /** Query parameters that tell pages apart. @default [] */
  readonly pageQuery?: readonly string[];
}

/**
 * The name under which a page is counted: origin + path, with a lower-case host and without default
 * port, fragment, trailing slash and query (except `pageQuery`). Two spellings of one page give one
 * key; a key is its own key. Plain ASCII of at most {@link MAX_PAGE_KEY_BYTES}.
 * @param page a path (`/posts/hello`) or an absolute http(s) URL
 * @returns null when `page` is neither, or too long. Never throws.
 */
export function pageKey(page: unknown, { origin, pageQuery = [] }: PageKeyOptions): string | null {
  if (typeof page !== "string" || page.length > 4 * MAX_PAGE_KEY_BYTES) return null;
  const url = parsePage(page, origin);
  if (url === null || url.username !== "" || url.password !== "") return null;
  const key = url.origin + normalizePath(url.pathname) + keptQuery(url.searchParams, pageQuery);
  return key.length <= MAX_PAGE_KEY_BYTES ? key : null;
}

/** Origin of a page key. */
export function pageKeyOrigin(key: string): string {
  return new URL(key).origin;
}

function parsePage(page: string, origin: string): URL | null {
  if (page.startsWith("/")) return parseHttp(origin + page);
  return /^https?:\/\//i.test(page) ? parseHttp(page) : null;
}

function parseHttp(text: string): URL | null {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url : null;
}

/** Decodes what needs no encoding, writes the rest in upper case, drops trailing slashes. */
function normalizePath(path: string): string {
  // A percent sign that begins no escape must not begin one once its neighbours are decoded.
  const escaped = path.replace(/%(?![\da-f]{2})/gi, "%25");
  const decoded = escaped.replace(/%[\da-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : escape.toUpperCase();
  });
  return decoded.replace(/\/+$/, "") || "/";
}

function keptQuery(search: URLSearchParams, pageQuery: readonly string[]): string {
  const kept = new URLSearchParams();
  for (const name of [...new Set(pageQuery)].toSorted()) {
    for (const value of search.getAll(name)) kept.append(name, value);
  }
  return kept.size === 0 ? "" : `?${kept}`;
}

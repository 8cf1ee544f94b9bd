import { LIVE_RELEASES } from "../generated/live-releases.ts";
import { LIVE_HASH, LIVE_JS } from "../generated/live.ts";
import { quote, refuse, refuseUnlessRead } from "../http.ts";
import type { LiveRelease } from "./release.ts";

/** Those of the current sources and of past releases: pages that embed one keep their count. */
const SCRIPTS = scriptsByHash(LIVE_RELEASES);

/** Pages have a changed script an hour after it is deployed at the latest, and never wait for it. */
const CURRENT = "public, max-age=300, stale-while-revalidate=3300";
const IMMUTABLE = "public, max-age=31536000, immutable";

/** `GET /live.js`: the script for pages without a build, as it is now. */
export function live(request: Request): Response {
  return script(request, { hash: LIVE_HASH, js: LIVE_JS, caching: CURRENT });
}

export function scriptsByHash(releases: readonly LiveRelease[]): ReadonlyMap<string, string> {
  return new Map([...releases, { hash: LIVE_HASH, js: LIVE_JS }].map(({ hash, js }) => [hash, js]));
}

/**
 * `GET /live-<hash>.js`: the same at an address whose content never changes, which is what
 * Subresource Integrity needs. Null when the path is none of these.
 */
export function liveByHash(
  path: string,
  scripts: ReadonlyMap<string, string> = SCRIPTS,
): ((request: Request) => Response) | null {
  const hash = /^\/live-([^/]+)\.js$/.exec(path)?.[1];
  if (hash === undefined) return null;
  const js = scripts.get(hash);
  return (request) =>
    js === undefined ? refuseHash(hash) : script(request, { hash, js, caching: IMMUTABLE });
}

function refuseHash(hash: string): Response {
  const message = `there is no script ${quote(hash)} here, only /live-${LIVE_HASH}.js and those of the last releases`;
  return refuse(
    "not_found",
    `${message}; take the tag from the stack's output 'embed', or /live.js, which is always current`,
    { "Access-Control-Allow-Origin": "*" },
  );
}

interface Script {
  readonly hash: string;
  readonly js: string;
  /** Value of Cache-Control. */
  readonly caching: string;
}

function script(request: Request, { hash, js, caching }: Script): Response {
  const refusal = refuseUnlessRead(request);
  if (refusal !== null) return refusal;
  const etag = `"${hash}"`;
  const headers = {
    "Cache-Control": caching,
    ETag: etag,
    // Any page may load it, also one that isolates itself from other origins, and check what it got.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
  };
  if (hasTag(request.headers.get("If-None-Match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(js, {
    headers: { ...headers, "Content-Type": "text/javascript; charset=utf-8" },
  });
}

/** Whether the cache has it already. Compression on the way makes a tag weak. */
function hasTag(header: string | null, etag: string): boolean {
  const tags = header?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  return tags.includes(etag) || tags.includes("*");
}

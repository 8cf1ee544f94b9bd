/** A route pattern, taken apart. */
export interface RoutePattern {
  /** Null matches both. */
  scheme: "http" | "https" | null;
  /** True when the hostname may have anything before `host`. */
  isHostOpen: boolean;
  /** Lower case, without the wildcard; empty for a pattern that matches every host. */
  host: string;
  /** True when the path may have anything after `path`. */
  isPathOpen: boolean;
  /** Starts with `/`, case-sensitive, without the wildcard. */
  path: string;
}

type RoutePatternFault = "no host" | "wildcard" | "query" | "unreadable";

export type ParsedRoutePattern =
  | { ok: true; pattern: RoutePattern }
  | { ok: false; fault: RoutePatternFault; message: string };

const FAULT_MESSAGES: Record<RoutePatternFault, string> = {
  "no host": "Route pattern must include zone name",
  wildcard:
    "Route pattern may only contain wildcards at the beginning of the hostname and the end of the path",
  query: "Route pattern should not have query parameters",
  unreadable: "Could not understand route pattern",
};

/** What a hostname may contain; a port may not. */
const HOST = /^[a-z0-9._-]*$/;

/**
 * Reads a route pattern by Cloudflare's rules; the message of a refusal is Cloudflare's, with the pattern
 * after it. Never throws.
 *
 * @see https://developers.cloudflare.com/workers/configuration/routing/routes/#validity
 */
export function parseRoutePattern(pattern: string): ParsedRoutePattern {
  const [, scheme, rest = ""] = /^(?:(https?):\/\/)?(.*)$/s.exec(pattern) ?? [];
  const slash = rest.indexOf("/");
  const fullHost = (slash === -1 ? rest : rest.slice(0, slash)).toLowerCase();
  const fullPath = slash === -1 ? "/" : rest.slice(slash);

  const isHostOpen = fullHost.startsWith("*");
  const isPathOpen = fullPath.endsWith("*");
  const host = isHostOpen ? fullHost.slice(1) : fullHost;
  const path = isPathOpen ? fullPath.slice(0, -1) : fullPath;

  if (rest.includes("?")) return refuse("query", pattern);
  if (fullHost === "") return refuse("no host", pattern);
  if (host.includes("*") || path.includes("*")) return refuse("wildcard", pattern);
  if (!HOST.test(host) || /[\s#]/.test(path)) return refuse("unreadable", pattern);
  return {
    ok: true,
    pattern: {
      scheme: scheme === "http" || scheme === "https" ? scheme : null,
      isHostOpen,
      host,
      isPathOpen,
      path,
    },
  };
}

function refuse(fault: RoutePatternFault, pattern: string): ParsedRoutePattern {
  return { ok: false, fault, message: `${FAULT_MESSAGES[fault]}: ${pattern}` };
}

/** True when the pattern's hostname is the zone or below it, as a route of that zone must be. */
export function isPatternInZone({ host }: RoutePattern, zone: string): boolean {
  return host === zone.toLowerCase() || host.endsWith(`.${zone.toLowerCase()}`);
}

/** A request as routes see it. */
export interface RoutedRequest {
  scheme: "http" | "https";
  /** Lower case, without port. */
  hostname: string;
  /** With the query: a pattern that does not end in `*` matches no request that has one. */
  pathAndQuery: string;
}

export function isMatch(pattern: RoutePattern, request: RoutedRequest): boolean {
  if (pattern.scheme !== null && pattern.scheme !== request.scheme) return false;
  const { isHostOpen, host, isPathOpen, path } = pattern;
  const { hostname, pathAndQuery } = request;
  if (isHostOpen ? !hostname.endsWith(host) : hostname !== host) return false;
  return isPathOpen ? pathAndQuery.startsWith(path) : pathAndQuery === path;
}

/**
 * The most specific of the routes that match, or null. Patterns that cannot be read match nothing.
 * The hostname decides first, then the path, then whether there is a scheme; of two that say the same
 * the first wins.
 */
export function matchRoute<Route extends { pattern: string }>(
  routes: readonly Route[],
  request: RoutedRequest,
): Route | null {
  let best: { route: Route; pattern: RoutePattern } | null = null;
  for (const route of routes) {
    const parsed = parseRoutePattern(route.pattern);
    if (!parsed.ok || !isMatch(parsed.pattern, request)) continue;
    if (best === null || compareSpecificity(parsed.pattern, best.pattern) > 0) {
      best = { route, pattern: parsed.pattern };
    }
  }
  return best?.route ?? null;
}

/** Positive when `a` is the more specific one. Only means something when both match one request. */
function compareSpecificity(a: RoutePattern, b: RoutePattern): number {
  return (
    Number(b.isHostOpen) - Number(a.isHostOpen) ||
    a.host.length - b.host.length ||
    Number(b.isPathOpen) - Number(a.isPathOpen) ||
    comparePaths(a.path, b.path) ||
    Number(a.scheme !== null) - Number(b.scheme !== null)
  );
}

/**
 * Longer is more specific, but Cloudflare does not count a slash before the wildcard: of `/images/*` and
 * `/images*` the latter wins.
 * @see https://developers.cloudflare.com/workers/platform/known-issues/#route-specificity
 */
function comparePaths(a: string, b: string): number {
  return lengthOf(a) - lengthOf(b) || b.length - a.length;
}

function lengthOf(path: string): number {
  return path.endsWith("/") ? path.length - 1 : path.length;
}

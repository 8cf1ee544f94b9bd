import type { EdgeTable } from "../runtime/types.ts";
import { type RoutedRequest, matchRoute } from "./match.ts";

/** Where a request goes, or why it goes nowhere. */
export type Target =
  | { script: string; by: "route" | "custom domain" | "workers.dev" }
  | { script: null; why: string };

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "::1"]);
const WORKERS_DEV = /^([a-z0-9_-]+)\.([a-z0-9-]+)\.workers\.(?:dev|localhost)$/;

/**
 * The hostname by which a request is routed: lower case, without a trailing dot or brackets; the
 * loopback addresses count as `localhost`.
 */
export function routedHostname(hostname: string): string {
  const name = hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
  return LOOPBACK.has(name) ? "localhost" : name;
}

/** Routes come before custom domains, and a route without a script keeps every Worker away. */
export function findTarget(table: EdgeTable, request: RoutedRequest): Target {
  const route = matchRoute(table.routes(), request);
  if (route !== null) {
    return route.script === null
      ? {
          script: null,
          why: `The route '${route.pattern}' says that no Worker handles this request.`,
        }
      : { script: route.script, by: "route" };
  }
  const domain = table
    .domains()
    .find(({ hostname }) => hostname.toLowerCase() === request.hostname);
  if (domain !== undefined) return { script: domain.service, by: "custom domain" };

  const [, script, subdomain] = WORKERS_DEV.exec(request.hostname) ?? [];
  if (script !== undefined && subdomain !== undefined) {
    return table.isWorkersDevEnabled(script, subdomain)
      ? { script, by: "workers.dev" }
      : {
          script: null,
          why: `Script '${script}' does not exist or is not enabled on workers.dev.`,
        };
  }
  return { script: null, why: "No route, custom domain or workers.dev address matches." };
}

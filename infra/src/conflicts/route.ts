import type { Route } from "../exposure-config.ts";
import { isRecord } from "../is-record.ts";
import { doubtful, fine, impossible, type Verdict } from "./verdict.ts";

/** A route as a zone lists it. */
export interface ZoneRoute {
  readonly id: string;
  readonly pattern: string;
  /** Undefined for a route that keeps Workers away. */
  readonly script?: string;
}

export interface RouteOwner {
  readonly scriptName: string;
  /** Name of the script that the stack's state has; another one only while the script is renamed. */
  readonly formerName?: string | undefined;
  /** Whether the stack's state has a route of this pattern. */
  readonly isOwned: boolean;
}

/** What the routes of a zone mean for ours: a pattern is there once, and the most specific one gets a request. */
export function judgeRoute(
  { pattern, host, basePath }: Route,
  routes: readonly ZoneRoute[],
  { scriptName, formerName = scriptName, isOwned }: RouteOwner,
): Verdict {
  const same = routes.find((other) => other.pattern === pattern);
  const isOurs = same?.script === scriptName || (isOwned && same?.script === formerName);
  if (same !== undefined && !isOurs) {
    const use =
      same.script === undefined ? "keeps Workers away" : `runs the script '${same.script}'`;
    return isOwned
      ? doubtful(
          `this stack's route '${pattern}' ${use}: somebody changed it`,
          "to take it back: pulumi refresh, then pulumi up",
        )
      : impossible(
          `the route '${pattern}' is taken: it ${use}`,
          "delete that route in the dashboard (Workers Routes of the zone), or set another route",
        );
  }
  const inside = routes.find(
    (other) =>
      other.script !== scriptName &&
      other.script !== formerName &&
      isWithin(other.pattern, host, basePath),
  );
  if (inside !== undefined) {
    return doubtful(
      `the route '${inside.pattern}' (${inside.script ?? "no script"}) is more specific than '${pattern}' and takes its requests`,
      "remove it, unless that is what you want",
    );
  }
  if (same === undefined) return fine(`'${pattern}' is free`);
  return fine(
    isOwned
      ? `'${pattern}' is this stack's`
      : `'${pattern}' runs '${scriptName}' already; the update imports it`,
  );
}

/**
 * The route that an update imports, since the API makes no second one of its pattern. Not the state's
 * own, which an update moved to the pattern without hearing of it: the engine would delete it for what
 * was imported. It is the one whose pattern is gone from the zone, and is only to be updated again.
 * @param owned patterns that the stack's state has
 */
export function adoptableRoute(
  { pattern }: Route,
  routes: readonly ZoneRoute[],
  scriptName: string,
  owned: readonly string[],
): ZoneRoute | undefined {
  const isThere = (one: string): boolean => routes.some((other) => other.pattern === one);
  if (!owned.every(isThere)) return undefined;
  return routes.find((other) => other.pattern === pattern && other.script === scriptName);
}

export function parseRoutes(result: unknown): ZoneRoute[] {
  return Array.isArray(result) ? result.flatMap(parseRoute) : [];
}

function parseRoute(value: unknown): ZoneRoute[] {
  if (!isRecord(value) || typeof value["pattern"] !== "string") return [];
  const { id, pattern, script } = value;
  const owner = typeof script === "string" && script !== "" ? { script } : {};
  return [{ id: String(id), pattern, ...owner }];
}

/** Whether a pattern is on the same host and below the same path, and not the route's own. */
function isWithin(other: string, host: string, basePath: string): boolean {
  const pattern = other.replace(/^https?:\/\//, "");
  return pattern.startsWith(`${host}${basePath}/`) && pattern !== `${host}${basePath}/*`;
}

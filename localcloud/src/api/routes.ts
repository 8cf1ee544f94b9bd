import type {
  RouteCreateResponse,
  RouteDeleteResponse,
  RouteGetResponse,
  RouteListResponse,
  RouteUpdateResponse,
} from "cloudflare/resources/workers/routes";
import { isPatternInZone, parseRoutePattern } from "../edge/match.ts";
import { ERRORS, fail } from "../errors.ts";
import { type Fields, fieldsOf, parseJson, parseList } from "../http/json.ts";
import { type Handler, ok } from "../http/reply.ts";
import { nextId } from "../model/ordinals.ts";
import { type Route, type State, type Zone, scriptNamed } from "../model/state.ts";
import { findScript } from "./scripts.ts";
import { findZone } from "./zones.ts";

/** A route without a script turns Workers off for its pattern. */
export function routeView({ id, pattern, script }: Route): RouteGetResponse {
  return script === null ? { id, pattern } : { id, pattern, script };
}

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/routes/methods/list/ */
export const listRoutes: Handler<RouteListResponse[]> = ({ cloud, params }) => {
  const zone = findZone(cloud.store.state, params["zone"]);
  return ok(cloud.store.state.routes.filter(({ zoneId }) => zoneId === zone.id).map(routeView));
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/routes/methods/create/ */
export const postRoute: Handler<RouteCreateResponse> = ({ cloud, params, body }) => {
  const fields = fieldsOf(parseJson(body.toString("utf8")));
  return cloud.store.update((draft) => {
    const zone = findZone(draft, params["zone"]);
    return ok(routeView(addRoute(draft, zone, readRoute(draft, zone, fields))));
  });
};

/**
 * What wrangler sends in place of all requests above; not documented. The script has these routes afterwards
 * and no others, and those that it had keep their ids.
 */
export const putScriptRoutes: Handler<RouteGetResponse[]> = ({ cloud, params, body }) => {
  const wanted = parseList(body.toString("utf8"));
  return cloud.store.update((draft) => {
    const { name: script } = findScript(draft, params["script"]);
    const before = draft.routes.filter((route) => route.script === script);
    draft.routes = draft.routes.filter((route) => route.script !== script);
    const routes = wanted.map((fields) => {
      const zone = zoneOfRoute(draft, fields);
      const { pattern } = parsePattern(zone, fields);
      const same = before.find((route) => route.zoneId === zone.id && route.pattern === pattern);
      return addRoute(draft, zone, { pattern, script }, same?.id);
    });
    return ok(routes.map(routeView));
  });
};

function addRoute(
  draft: State,
  zone: Zone,
  { pattern, script }: Pick<Route, "pattern" | "script">,
  id?: string,
): Route {
  requireFree(draft.routes, zone, pattern);
  const route: Route = {
    id: id ?? nextId(draft, "route", `${zone.id}:${pattern}`),
    zoneId: zone.id,
    pattern,
    script,
  };
  draft.routes.push(route);
  return route;
}

/** The zone that is named, or the one with the longest name that the pattern may belong to. */
function zoneOfRoute(draft: State, fields: Fields): Zone {
  const id = fields.optionalText("zone_id");
  if (id !== null) return findZone(draft, id);
  const name = fields.optionalText("zone_name");
  const parsed = parseRoutePattern(fields.text("pattern"));
  const zones = draft.zones.filter((zone) =>
    name === null ? parsed.ok && isPatternInZone(parsed.pattern, zone.name) : zone.name === name,
  );
  const [zone] = zones.toSorted((a, b) => b.name.length - a.name.length);
  if (zone !== undefined) return zone;
  if (!parsed.ok) return fail(ERRORS.INVALID_ROUTE_PATTERN, { reason: parsed.message });
  return fail(ERRORS.INVALID_ROUTE_PATTERN, {
    reason: `Route pattern must include zone name: ${fields.text("pattern")}`,
  });
}

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/routes/methods/update/ */
export const putRoute: Handler<RouteUpdateResponse> = ({ cloud, params, body }) => {
  const fields = fieldsOf(parseJson(body.toString("utf8")));
  return cloud.store.update((draft) => {
    const route = findRoute(draft, params);
    const zone = findZone(draft, route.zoneId);
    const input = readRoute(draft, zone, fields);
    requireFree(
      draft.routes.filter((other) => other !== route),
      zone,
      input.pattern,
    );
    return ok(routeView(Object.assign(route, input)));
  });
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/routes/methods/get/ */
export const getRoute: Handler<RouteGetResponse> = ({ cloud, params }) =>
  ok(routeView(findRoute(cloud.store.state, params)));

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/routes/methods/delete/ */
export const deleteRoute: Handler<RouteDeleteResponse> = ({ cloud, params }) =>
  cloud.store.update((draft) => {
    const { id } = findRoute(draft, params);
    draft.routes = draft.routes.filter((route) => route.id !== id);
    return ok({ id });
  });

function findRoute(state: State, params: Readonly<Record<string, string>>): Route {
  const zone = findZone(state, params["zone"]);
  const route = state.routes.find(({ id, zoneId }) => id === params["id"] && zoneId === zone.id);
  return route ?? fail(ERRORS.ROUTE_NOT_FOUND);
}

function requireFree(others: readonly Route[], zone: Zone, pattern: string): void {
  const same = withLowerHost(pattern);
  if (others.some((route) => route.zoneId === zone.id && withLowerHost(route.pattern) === same)) {
    fail(ERRORS.DUPLICATE_ROUTE, { pattern });
  }
}

/** Hosts are the same in any case, paths are not. */
function withLowerHost(pattern: string): string {
  return pattern.replace(/^(?:https?:\/\/)?[^/]*/i, (start) => start.toLowerCase());
}

/** @throws {ApiError} 10022 for a pattern that cannot be read, or that is of another zone */
function parsePattern(zone: Zone, fields: Fields): { pattern: string } {
  const pattern = fields.text("pattern");
  const parsed = parseRoutePattern(pattern);
  if (!parsed.ok) return fail(ERRORS.INVALID_ROUTE_PATTERN, { reason: parsed.message });
  if (!isPatternInZone(parsed.pattern, zone.name)) {
    fail(ERRORS.INVALID_ROUTE_PATTERN, {
      reason: `Route pattern must include zone name: ${pattern}`,
    });
  }
  return { pattern };
}

function readRoute(draft: State, zone: Zone, fields: Fields): Pick<Route, "pattern" | "script"> {
  const { pattern } = parsePattern(zone, fields);
  const script = fields.optionalText("script") ?? "";
  if (script === "") return { pattern, script: null };
  if (scriptNamed(draft, script) === undefined) fail(ERRORS.ROUTE_SCRIPT_MISSING, { script });
  return { pattern, script };
}

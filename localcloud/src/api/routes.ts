import type {
  RouteCreateResponse,
  RouteDeleteResponse,
  RouteGetResponse,
  RouteListResponse,
  RouteUpdateResponse,
} from "cloudflare/resources/workers/routes";
import { isPatternInZone, parseRoutePattern } from "../edge/match.ts";
import { ERRORS, fail } from "../errors.ts";
import { type Fields, fieldsOf, parseJson } from "../http/json.ts";
import { type Handler, ok } from "../http/reply.ts";
import { type Route, type State, type Zone, nextId, scriptNamed } from "../model/state.ts";
import { findZone } from "./zones.ts";

/** A route without a script turns Workers off for its pattern. */
function routeView({ id, pattern, script }: Route): RouteGetResponse {
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
    const { pattern, script } = readRoute(draft, zone, fields);
    requireFree(draft.routes, zone, pattern);
    const route: Route = {
      id: nextId(draft, "route", `${zone.id}:${pattern}`),
      zoneId: zone.id,
      pattern,
      script,
    };
    draft.routes.push(route);
    return ok(routeView(route));
  });
};

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
  if (others.some((route) => route.zoneId === zone.id && route.pattern === pattern)) {
    fail(ERRORS.DUPLICATE_ROUTE, { pattern });
  }
}

function readRoute(draft: State, zone: Zone, fields: Fields): Pick<Route, "pattern" | "script"> {
  const pattern = fields.text("pattern");
  const parsed = parseRoutePattern(pattern);
  if (!parsed.ok) return fail(ERRORS.INVALID_ROUTE_PATTERN, { reason: parsed.message });
  if (!isPatternInZone(parsed.pattern, zone.name)) {
    fail(ERRORS.INVALID_ROUTE_PATTERN, {
      reason: `Route pattern must include zone name: ${pattern}`,
    });
  }
  const script = fields.optionalText("script") ?? "";
  if (script === "") return { pattern, script: null };
  if (scriptNamed(draft, script) === undefined) fail(ERRORS.ROUTE_SCRIPT_MISSING, { script });
  return { pattern, script };
}

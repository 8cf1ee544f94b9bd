import type { Zone as ZoneResponse, ZoneDeleteResponse } from "cloudflare/resources/zones/zones";
import { ERRORS, fail } from "../errors.ts";
import { fieldsOf, parseJson } from "../http/json.ts";
import { type Handler, ok, page } from "../http/reply.ts";
import { isRecord } from "../lib/unknown.ts";
import { ACCOUNT_ID, identifier, zoneId } from "../model/ids.ts";
import { type State, type Zone, addZones, timestamp } from "../model/state.ts";

/**
 * The zone with this id.
 * @throws {ApiError} 7003 when the account has none
 */
export function findZone(state: State, id: string | undefined): Zone {
  const zone = state.zones.find((candidate) => candidate.id === id);
  return zone ?? fail(ERRORS.UNKNOWN_OBJECT, { path: `/client/v4/zones/${id ?? ""}` });
}

function zoneResponse({ id, name, createdOn }: Zone): ZoneResponse {
  return {
    id,
    name,
    status: "active",
    paused: false,
    type: "full",
    account: { id: ACCOUNT_ID, name: "Local" },
    owner: { id: identifier("user", "local"), type: "user" },
    created_on: createdOn,
    modified_on: createdOn,
    activated_on: createdOn,
    development_mode: 0,
    name_servers: ["a.ns.localhost", "b.ns.localhost"],
    original_name_servers: null,
    original_registrar: null,
    original_dnshost: null,
    permissions: ["#zone:read", "#zone:edit"],
    plan: { id: identifier("plan", "free"), name: "Free Website", price: 0, legacy_id: "free" },
    meta: { step: 4, page_rule_quota: 3, phishing_detected: false },
  };
}

/** @see https://developers.cloudflare.com/api/resources/zones/methods/list/ */
export const listZones: Handler<ZoneResponse[]> = ({ cloud, query }) => {
  const filters = new Map<string, (zone: Zone) => string>([
    ["name", (zone) => zone.name],
    ["account.id", () => ACCOUNT_ID],
    ["account.name", () => "Local"],
    ["status", () => "active"],
  ]);
  const zones = cloud.store.state.zones.filter((zone) =>
    [...filters].every(
      ([name, read]) => query.get(name) === null || query.get(name) === read(zone),
    ),
  );
  return page(zones.map(zoneResponse), query);
};

/** @see https://developers.cloudflare.com/api/resources/zones/methods/get/ */
export const getZone: Handler<ZoneResponse> = ({ cloud, params }) =>
  ok(zoneResponse(findZone(cloud.store.state, params["zone"])));

/**
 * A zone is active at once: there are no name servers to be changed.
 * @see https://developers.cloudflare.com/api/resources/zones/methods/create/
 */
export const postZone: Handler<ZoneResponse> = ({ cloud, body }) => {
  const request = parseJson(body.toString("utf8"));
  const name = fieldsOf(request).text("name").toLowerCase();
  requireAccount(isRecord(request) ? request["account"] : undefined);
  if (!DOMAIN_NAME.test(name)) fail(ERRORS.INVALID_ZONE_NAME, { name });
  return cloud.store.update((draft) => {
    if (draft.zones.some((zone) => zone.name === name)) fail(ERRORS.ZONE_EXISTS, { name });
    addZones(draft, [name], timestamp());
    return ok(zoneResponse(findZone(draft, zoneId(name))));
  });
};

const DOMAIN_NAME =
  /^(?=.{1,253}$)([a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?\.)+[a-z][a-z\d-]{0,61}[a-z\d]$/;

function requireAccount(account: unknown): void {
  const id = isRecord(account) ? account["id"] : undefined;
  if (id === undefined || id === ACCOUNT_ID) return;
  fail(ERRORS.INVALID_FIELD, { field: "account.id", reason: `must be ${ACCOUNT_ID}` });
}

/**
 * With the zone go its routes, its DNS records and the custom domains in it.
 * @see https://developers.cloudflare.com/api/resources/zones/methods/delete/
 */
export const deleteZone: Handler<ZoneDeleteResponse> = ({ cloud, params }) =>
  cloud.store.update((draft) => {
    const { id } = findZone(draft, params["zone"]);
    draft.zones = draft.zones.filter((zone) => zone.id !== id);
    draft.routes = draft.routes.filter((route) => route.zoneId !== id);
    draft.domains = draft.domains.filter((domain) => domain.zoneId !== id);
    draft.dnsRecords = draft.dnsRecords.filter((record) => record.zoneId !== id);
    return ok({ id });
  });

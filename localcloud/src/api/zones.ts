import type { Zone as ZoneResponse } from "cloudflare/resources/zones/zones";
import { ERRORS, fail } from "../errors.ts";
import { type Handler, ok, page } from "../http/reply.ts";
import { ACCOUNT_ID, identifier } from "../model/ids.ts";
import type { State, Zone } from "../model/state.ts";

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

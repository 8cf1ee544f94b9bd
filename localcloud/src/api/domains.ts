import type {
  DomainGetResponse,
  DomainListResponse,
  DomainUpdateResponse,
} from "cloudflare/resources/workers/domains";
import { ERRORS, fail } from "../errors.ts";
import { type Fields, fieldsOf, parseJson } from "../http/json.ts";
import { type Handler, ok } from "../http/reply.ts";
import { uuid } from "../model/ids.ts";
import {
  type Domain,
  type State,
  type Zone,
  isInZone,
  nextId,
  zoneOfHost,
} from "../model/state.ts";
import { findScript } from "./scripts.ts";
import { findZone } from "./zones.ts";

function domainView(domain: Domain): DomainGetResponse {
  return {
    id: domain.id,
    hostname: domain.hostname,
    service: domain.service,
    environment: domain.environment,
    zone_id: domain.zoneId,
    zone_name: domain.zoneName,
    cert_id: domain.certId,
  };
}

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/domains/methods/list/ */
export const listDomains: Handler<DomainListResponse[]> = ({ cloud, query }) => {
  const fields = ["hostname", "service", "environment", "zone_id", "zone_name"] as const;
  const domains = cloud.store.state.domains.map(domainView);
  return ok(
    domains.filter((domain) =>
      fields.every((field) => query.get(field) === null || query.get(field) === domain[field]),
    ),
  );
};

/**
 * Attaches a Worker to a hostname. Taking the hostname over from another Worker or from DNS records must be
 * asked for, as at Cloudflare.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/domains/methods/update/
 */
export const putDomain: Handler<DomainUpdateResponse> = ({ cloud, body }) => {
  const fields = fieldsOf(parseJson(body.toString("utf8")));
  return cloud.store.update((draft) => ok(domainView(saveDomain(draft, fields))));
};

function saveDomain(draft: State, fields: Fields): Domain {
  const hostname = fields.text("hostname").toLowerCase();
  const zone = requestedZone(draft, fields, hostname);
  const service = findScript(draft, fields.text("service")).name;
  const environment = fields.optionalText("environment") ?? "production";
  const existing = draft.domains.find((domain) => domain.hostname === hostname);
  if (existing !== undefined && existing.service !== service) {
    if (fields.optionalFlag("override_existing_origin") !== true)
      fail(ERRORS.DOMAIN_IN_USE, { hostname });
  }
  takeOverDns(draft, hostname, fields.optionalFlag("override_existing_dns_record") === true);
  if (existing !== undefined) return Object.assign(existing, { service, environment });
  const id = nextId(draft, "domain", hostname);
  const domain: Domain = {
    id,
    hostname,
    zoneId: zone.id,
    zoneName: zone.name,
    service,
    environment,
    certId: uuid("certificate", id),
  };
  draft.domains.push(domain);
  return domain;
}

function requestedZone(draft: State, fields: Fields, hostname: string): Zone {
  const id = fields.optionalText("zone_id");
  const name = fields.optionalText("zone_name");
  const zone =
    id !== null
      ? findZone(draft, id)
      : name !== null
        ? draft.zones.find((candidate) => candidate.name === name)
        : zoneOfHost(draft, hostname);
  if (zone && isInZone(hostname, zone.name)) return zone;
  const zones = draft.zones.map((candidate) => candidate.name).join(", ");
  return fail(ERRORS.DOMAIN_WITHOUT_ZONE, { hostname, zones });
}

function takeOverDns(draft: State, hostname: string, override: boolean): void {
  const isAddress = ({ name, type }: { name: string; type: string }): boolean =>
    name === hostname && ["A", "AAAA", "CNAME"].includes(type);
  if (!draft.dnsRecords.some(isAddress)) return;
  if (!override) fail(ERRORS.DOMAIN_HAS_DNS_RECORDS, { hostname });
  draft.dnsRecords = draft.dnsRecords.filter((record) => !isAddress(record));
}

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/domains/methods/get/ */
export const getDomain: Handler<DomainGetResponse> = ({ cloud, params }) =>
  ok(domainView(findDomain(cloud.store.state, params["id"])));

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/domains/methods/delete/ */
export const deleteDomain: Handler<null> = ({ cloud, params }) =>
  cloud.store.update((draft) => {
    const { id } = findDomain(draft, params["id"]);
    draft.domains = draft.domains.filter((domain) => domain.id !== id);
    return ok(null);
  });

function findDomain(state: State, id: string | undefined): Domain {
  return state.domains.find((domain) => domain.id === id) ?? fail(ERRORS.DOMAIN_NOT_FOUND);
}

import type {
  DomainGetResponse,
  DomainListResponse,
  DomainUpdateResponse,
} from "cloudflare/resources/workers/domains";
import { ERRORS, fail } from "../errors.ts";
import { type Fields, fieldsOf, parseJson } from "../http/json.ts";
import { type Handler, ok } from "../http/reply.ts";
import { uuid } from "../model/ids.ts";
import { nextId } from "../model/ordinals.ts";
import {
  type DnsRecord,
  type Domain,
  type State,
  type Zone,
  isInZone,
  zoneOfHost,
} from "../model/state.ts";
import { findScript } from "./scripts.ts";
import { findZone } from "./zones.ts";

export function domainView(domain: Domain): DomainGetResponse {
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
  return cloud.store.update((draft) =>
    ok(domainView(saveDomain(draft, fields, fields.text("service"), takeOvers(fields)))),
  );
};

/** What a hostname may be taken away from. */
interface TakeOvers {
  origin: boolean;
  dnsRecord: boolean;
}

/** As a request's `override_…` fields say it. */
export function takeOvers(fields: Fields): TakeOvers {
  return {
    origin: fields.optionalFlag("override_existing_origin") === true,
    dnsRecord: fields.optionalFlag("override_existing_dns_record") === true,
  };
}

/** Attaches the script to the hostname that `fields` name. Changes `draft`. */
export function saveDomain(
  draft: State,
  fields: Fields,
  script: string,
  mayTake: TakeOvers,
): Domain {
  const hostname = hostnameOf(fields);
  const zone = requestedZone(draft, fields, hostname);
  const service = findScript(draft, script).name;
  const environment = fields.optionalText("environment") ?? "production";
  const existing = draft.domains.find((domain) => domain.hostname === hostname);
  if (existing !== undefined && existing.service !== service) {
    if (!mayTake.origin) fail(ERRORS.DOMAIN_IN_USE, { hostname });
  }
  takeOverDns(draft, hostname, mayTake.dnsRecord);
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

/** @throws {ApiError} 10001 for what is no name of a host; Cloudflare takes no wildcard, either */
export function hostnameOf(fields: Fields): string {
  const hostname = fields.text("hostname").toLowerCase();
  if (HOSTNAME.test(hostname)) return hostname;
  const reason = `'${hostname}' is not the name of one host, such as app.example.com`;
  return fail(ERRORS.INVALID_FIELD, { field: "hostname", reason });
}

const HOSTNAME =
  /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The zone that a domain is to be in: the one that is named, or the one that the hostname is in.
 * @throws {ApiError} 100115 when the account has none
 */
export function requestedZone(draft: State, fields: Fields, hostname: string): Zone {
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

function takeOverDns(draft: State, hostname: string, mayTake: boolean): void {
  if (!hasAddress(draft, hostname)) return;
  if (!mayTake) fail(ERRORS.DOMAIN_HAS_DNS_RECORDS, { hostname });
  draft.dnsRecords = draft.dnsRecords.filter((record) => !isAddress(record, hostname));
}

/** True when DNS records say where this hostname is. */
export function hasAddress(state: State, hostname: string): boolean {
  return state.dnsRecords.some((record) => isAddress(record, hostname));
}

function isAddress({ name, type }: DnsRecord, hostname: string): boolean {
  return name === hostname && ["A", "AAAA", "CNAME"].includes(type);
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

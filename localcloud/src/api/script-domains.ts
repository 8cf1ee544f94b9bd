import type { DomainGetResponse } from "cloudflare/resources/workers/domains";
import { ERRORS, fail } from "../errors.ts";
import { type Fields, fieldsOf, parseJson, parseList } from "../http/json.ts";
import { type Handler, type Reply, ok } from "../http/reply.ts";
import { isRecord } from "../lib/unknown.ts";
import {
  domainView,
  hasAddress,
  hostnameOf,
  requestedZone,
  saveDomain,
  takeOvers,
} from "./domains.ts";
import { findScript } from "./scripts.ts";

/** What would become of the custom domains of a script. */
interface Changeset {
  added: Pick<DomainGetResponse, "hostname" | "service" | "zone_id" | "zone_name">[];
  /** Empty unless `?replace_state=true`. */
  removed: DomainGetResponse[];
  /** The domains that are there already; `modified` ones belong to another script. */
  updated: (DomainGetResponse & { modified: boolean })[];
  /** Those whose hostnames have DNS records. */
  conflicting: Changeset["added"];
}

/** What wrangler asks before it changes custom domains; not documented. Changes nothing. */
export const postDomainChangeset: Handler<Changeset> = ({ cloud, params, query, body }) => {
  const { state } = cloud.store;
  const service = findScript(state, params["script"]).name;
  const origins = parseList(body.toString("utf8")).map((fields) => {
    const hostname = hostnameOf(fields);
    const { id: zone_id, name: zone_name } = requestedZone(state, fields, hostname);
    return { hostname, service, zone_id, zone_name };
  });
  const wanted = new Set(origins.map(({ hostname }) => hostname));
  const present = state.domains.filter((domain) => wanted.has(domain.hostname));
  const isPresent = (hostname: string): boolean =>
    present.some((domain) => domain.hostname === hostname);
  const replaces = query.get("replace_state") === "true";
  return ok({
    added: origins.filter(({ hostname }) => !isPresent(hostname)),
    removed: state.domains
      .filter((domain) => replaces && domain.service === service && !wanted.has(domain.hostname))
      .map(domainView),
    updated: present.map((domain) => ({
      ...domainView(domain),
      modified: domain.service !== service,
    })),
    conflicting: origins.filter(({ hostname }) => hasAddress(state, hostname)),
  });
};

/** How wrangler sets custom domains; not documented. The script has these afterwards and no others. */
export const putDomainRecords: Handler<DomainGetResponse[]> = ({ cloud, params, body }) => {
  const request = parseJson(body.toString("utf8"));
  const origins = readOrigins(request);
  const mayTake = takeOvers(fieldsOf(request));
  return cloud.store.update((draft): Reply<DomainGetResponse[]> => {
    const { name } = findScript(draft, params["script"]);
    const domains = origins.map((fields) => saveDomain(draft, fields, name, mayTake));
    draft.domains = draft.domains.filter(
      (domain) => domain.service !== name || domains.includes(domain),
    );
    return ok(domains.map(domainView));
  });
};

function readOrigins(request: unknown): Fields[] {
  const origins = isRecord(request) ? request["origins"] : undefined;
  return Array.isArray(origins) ? origins.map(fieldsOf) : fail(ERRORS.UNREADABLE_BODY);
}

import type { RecordDeleteResponse } from "cloudflare/resources/dns/records";
import { ERRORS, fail } from "../errors.ts";
import { fieldsOf, parseJson } from "../http/json.ts";
import { type Handler, ok, page } from "../http/reply.ts";
import { isRecord } from "../lib/unknown.ts";
import { nextId } from "../model/ordinals.ts";
import { type DnsRecord, type State, type Zone, timestamp } from "../model/state.ts";
import { type RecordInput, checkConflicts, readRecord } from "./dns-record.ts";
import { findZone } from "./zones.ts";

/**
 * A record as the API shows it. Not the SDK's type: that has a case for each of 21 record types, and wants
 * a text where the API says `"comment": null`.
 */
export interface RecordView extends RecordInput {
  id: string;
  proxiable: boolean;
  meta: Record<string, never>;
  created_on: string;
  modified_on: string;
}

/** Types that can be put behind Cloudflare's proxy. */
const PROXIABLE: readonly string[] = ["A", "AAAA", "CNAME"];

function recordView(record: DnsRecord): RecordView {
  const { id, name, type, content, ttl, proxied, priority, comment, tags, settings } = record;
  return {
    id,
    name,
    type,
    content,
    ttl,
    proxied,
    ...(priority === null ? {} : { priority }),
    comment,
    tags,
    settings,
    proxiable: PROXIABLE.includes(type),
    meta: {},
    created_on: record.createdOn,
    modified_on: record.modifiedOn,
  };
}

/** @see https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/list/ */
export const listRecords: Handler<RecordView[]> = ({ cloud, params, query }) => {
  const zone = findZone(cloud.store.state, params["zone"]);
  const records = cloud.store.state.dnsRecords.filter(
    (record) =>
      record.zoneId === zone.id &&
      (["name", "type", "content"] as const).every((field) => {
        const wanted = query.get(field) ?? query.get(`${field}.exact`);
        return wanted === null || wanted.toLowerCase() === record[field].toLowerCase();
      }),
  );
  return page(records.map(recordView), query);
};

/** @see https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/create/ */
export const postRecord: Handler<RecordView> = ({ cloud, params, body }) => {
  const fields = parseJson(body.toString("utf8"));
  return cloud.store.update((draft) => {
    return ok(addRecord(draft, findZone(draft, params["zone"]), fields));
  });
};

/**
 * Adds a record, given as the API takes it, to a zone.
 * @throws {ApiError} when the API would refuse it
 */
export function addRecord(draft: State, zone: Zone, value: unknown): RecordView {
  const input = readRecord(value, zone.name);
  checkConflicts(draft.dnsRecords, zone.id, input);
  const id = nextId(draft, "record", `${zone.id}:${input.type}:${input.name}:${input.content}`);
  return saveRecord(draft, zone.id, id, input);
}

/** @see https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/update/ */
export const putRecord: Handler<RecordView> = ({ cloud, params, body }) => {
  const fields = parseJson(body.toString("utf8"));
  return cloud.store.update((draft) => {
    const record = findRecord(draft, params);
    const zone = findZone(draft, record.zoneId);
    return ok(saveRecord(draft, zone.id, record.id, readRecord(fields, zone.name)));
  });
};

/** @see https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/edit/ */
export const patchRecord: Handler<RecordView> = ({ cloud, params, body }) => {
  const fields = parseJson(body.toString("utf8"));
  fieldsOf(fields);
  return cloud.store.update((draft) => {
    const record = findRecord(draft, params);
    const zone = findZone(draft, record.zoneId);
    const merged = { ...recordView(record), ...(isRecord(fields) ? fields : {}) };
    return ok(saveRecord(draft, zone.id, record.id, readRecord(merged, zone.name)));
  });
};

/** @see https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/get/ */
export const getRecord: Handler<RecordView> = ({ cloud, params }) =>
  ok(recordView(findRecord(cloud.store.state, params)));

/** @see https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/delete/ */
export const deleteRecord: Handler<RecordDeleteResponse> = ({ cloud, params }) =>
  cloud.store.update((draft) => {
    const { id } = findRecord(draft, params);
    draft.dnsRecords = draft.dnsRecords.filter((record) => record.id !== id);
    return ok({ id });
  });

function findRecord(state: State, params: Readonly<Record<string, string>>): DnsRecord {
  const zone = findZone(state, params["zone"]);
  const record = state.dnsRecords.find(
    ({ id, zoneId }) => id === params["id"] && zoneId === zone.id,
  );
  return record ?? fail(ERRORS.RECORD_NOT_FOUND);
}

function saveRecord(draft: State, zoneId: string, id: string, input: RecordInput): RecordView {
  const others = draft.dnsRecords.filter((record) => record.id !== id);
  checkConflicts(others, zoneId, input);
  const now = timestamp();
  const existing = draft.dnsRecords.find((record) => record.id === id);
  const record: DnsRecord = {
    ...input,
    id,
    zoneId,
    priority: input.priority ?? null,
    createdOn: existing?.createdOn ?? now,
    modifiedOn: now,
  };
  if (existing === undefined) draft.dnsRecords.push(record);
  else draft.dnsRecords[draft.dnsRecords.indexOf(existing)] = record;
  return recordView(record);
}

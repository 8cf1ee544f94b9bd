import { DISCARD_RECORD } from "../discard-record.ts";
import type { Route } from "../exposure-config.ts";
import { isRecord } from "../is-record.ts";
import { doubtful, fine, impossible, type Verdict } from "./verdict.ts";

/** A DNS record that decides who answers for a host. */
export interface AddressRecord {
  readonly id: string;
  readonly type: string;
  readonly content: string;
  readonly proxied: boolean;
  /** Whether it has nothing that the record of `manageDns` has not: no comment, tags or TTL of its own. */
  readonly isPlain: boolean;
}

const ADDRESS_TYPES: readonly string[] = ["A", "AAAA", "CNAME"];

/**
 * Whether a route's host is Cloudflare's to answer.
 * @param isOwned whether the stack's state has the record of `manageDns`
 */
export function judgeRouteDns(
  { host, manageDns }: Route,
  records: readonly AddressRecord[],
  isOwned: boolean,
): Verdict {
  const [first] = records;
  if (manageDns) return judgeManaged(host, records, isOwned);
  if (first === undefined && /(?:^|\.)localhost$/.test(host)) {
    return fine(`${host} needs no record on this machine`);
  }
  if (first === undefined) {
    return doubtful(
      `${host} has no DNS record, so nobody finds the route, unless a wildcard record covers it`,
      "pulumi config set manageDns true, or make a proxied record",
    );
  }
  const proxied = records.find((record) => record.proxied);
  if (proxied !== undefined) return fine(`${host} is proxied (${describeRecord(proxied)})`);
  return doubtful(
    `${host} is not proxied (${describeRecord(first)}), so its requests never reach the route`,
    "turn on the proxy (the orange cloud) for that record in the dashboard",
  );
}

function judgeManaged(host: string, records: readonly AddressRecord[], isOwned: boolean): Verdict {
  const [first] = records;
  if (isOwned) return fine(`the record of ${host} is this stack's`);
  if (first === undefined) return fine(`the record of ${host} is made by the update`);
  if (adoptableRecord(records) !== undefined) {
    return fine(`${host} has the record that manageDns makes; the update imports it`);
  }
  return impossible(
    `${host} has a DNS record (${describeRecord(first)}), and manageDns would make another`,
    "take manageDns off (a proxied record is enough), or delete the record",
  );
}

/** The record that an update imports, since it is what `manageDns` would make. */
export function adoptableRecord(records: readonly AddressRecord[]): AddressRecord | undefined {
  return records.find(
    ({ type, content, proxied, isPlain }) =>
      type === DISCARD_RECORD.type && content === DISCARD_RECORD.content && proxied && isPlain,
  );
}

export function describeRecord({ type, content, proxied }: AddressRecord): string {
  return `${type} ${content}${proxied ? "" : ", not proxied"}`;
}

/** @param host a server that does not know the filter answers with records of other hosts */
export function parseRecords(result: unknown, host: string): AddressRecord[] {
  return Array.isArray(result) ? result.flatMap((value) => parseRecord(value, host)) : [];
}

function parseRecord(value: unknown, host: string): AddressRecord[] {
  if (!isRecord(value) || value["name"] !== host) return [];
  const { id, type, content, proxied, ttl, comment, tags } = value;
  if (typeof type !== "string" || !ADDRESS_TYPES.includes(type)) return [];
  const hasTags = Array.isArray(tags) && tags.length > 0;
  const isPlain = ttl === DISCARD_RECORD.ttl && (comment ?? "") === "" && !hasTags;
  const record = { id: String(id), type, content: String(content), proxied: proxied === true };
  return [{ ...record, isPlain }];
}

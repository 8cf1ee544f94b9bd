import { isIPv4, isIPv6 } from "node:net";
import { ERRORS, fail } from "../errors.ts";
import { fieldsOf, isText } from "../http/json.ts";
import { type DnsRecord, isInZone } from "../model/state.ts";

/** What a client says about a record, checked and completed. */
export interface RecordInput {
  /** Fully qualified. */
  name: string;
  type: string;
  content: string;
  ttl: number;
  proxied: boolean;
  priority?: number;
  comment: string | null;
  tags: string[];
  settings: Record<string, unknown>;
}

/** Record types whose content is one text. */
const TYPES: readonly string[] = ["A", "AAAA", "CNAME", "MX", "NS", "PTR", "TXT"];
const ADDRESS_TYPES: readonly string[] = ["A", "AAAA", "CNAME"];

/**
 * Reads a record of the zone `zoneName`. Names may be `@`, relative or fully qualified.
 * @throws {ApiError} 1004 or 10001 for what Cloudflare refuses too, and for types that are not served here
 */
export function readRecord(value: unknown, zoneName: string): RecordInput {
  const fields = fieldsOf(value);
  const type = fields.text("type").toUpperCase();
  if (!TYPES.includes(type)) {
    invalid(
      `records of type '${type}' are not supported by the local cloud; it has ${TYPES.join(", ")}.`,
    );
  }
  const proxied = fields.optionalFlag("proxied") ?? false;
  if (proxied && !ADDRESS_TYPES.includes(type))
    invalid(`a record of type ${type} cannot be proxied.`);
  const priority = fields.optionalNumber("priority");
  return {
    name: qualifiedName(fields.text("name"), zoneName),
    type,
    content: readContent(type, fields.text("content")),
    ttl: readTtl(fields.optionalNumber("ttl") ?? 1, proxied),
    proxied,
    ...(priority === null ? {} : { priority }),
    comment: fields.optionalText("comment"),
    tags: fields.optionalList("tags", isText) ?? [],
    settings: fields.optionalObject("settings") ?? {},
  };
}

function qualifiedName(name: string, zoneName: string): string {
  const lower = name.toLowerCase().replace(/\.$/, "");
  if (lower === "@") return zoneName;
  return isInZone(lower, zoneName) ? lower : `${lower}.${zoneName}`;
}

function readContent(type: string, content: string): string {
  if (type === "A" && !isIPv4(content))
    invalid(`content for A record must be a valid IPv4 address: '${content}'.`);
  if (type === "AAAA" && !isIPv6(content))
    invalid(`content for AAAA record must be a valid IPv6 address: '${content}'.`);
  return type === "TXT" ? content : content.toLowerCase().replace(/\.$/, "");
}

/** 1 means automatic, and is all that a proxied record can have. */
function readTtl(ttl: number, proxied: boolean): number {
  const isAllowed = ttl === 1 || (Number.isInteger(ttl) && ttl >= 60 && ttl <= 86_400);
  if (!isAllowed) invalid(`ttl must be between 60 and 86400 seconds, or 1 for automatic: ${ttl}.`);
  return proxied ? 1 : ttl;
}

/**
 * Compares a record with the others of the account.
 * @throws {ApiError} 81058 for the same record again, 81053 for a CNAME beside other addresses
 */
export function checkConflicts(
  others: readonly DnsRecord[],
  zoneId: string,
  { name, type, content }: RecordInput,
): void {
  const sameName = others.filter((record) => record.zoneId === zoneId && record.name === name);
  if (sameName.some((record) => record.type === type && record.content === content)) {
    fail(ERRORS.IDENTICAL_RECORD);
  }
  const addresses = sameName.filter((record) => ADDRESS_TYPES.includes(record.type));
  const hasCname = type === "CNAME" || addresses.some((record) => record.type === "CNAME");
  if (ADDRESS_TYPES.includes(type) && addresses.length > 0 && hasCname)
    fail(ERRORS.CONFLICTING_RECORD);
}

function invalid(reason: string): never {
  return fail(ERRORS.INVALID_RECORD, { reason });
}

import { isRecord } from "../../../infra/src/is-record.ts";
import type { Site } from "./account.ts";
import type { Finding } from "./finding.ts";
import { DNS_READ } from "./permissions.ts";
import { unanswered } from "./unanswered.ts";

/** A DNS record that decides who answers for a host. */
export interface AddressRecord {
  readonly type: string;
  readonly content: string;
  readonly proxied: boolean;
}

const ADDRESS_TYPES: readonly string[] = ["A", "AAAA", "CNAME"];

/** The records of a host, or why they are not known. */
export async function readRecords(
  { api, link }: Site,
  check: string,
  zoneId: string,
  host: string,
): Promise<AddressRecord[] | Finding> {
  const query = new URLSearchParams({ name: host, per_page: "100" });
  const answer = await api.get(`/zones/${zoneId}/dns_records?${query.toString()}`);
  if (answer.kind === "given") {
    return Array.isArray(answer.result) ? answer.result.flatMap((value) => parse(value, host)) : [];
  }
  const what = `the DNS records of ${host}`;
  return unanswered({ check, what, permission: DNS_READ, link, isOptional: true }, answer);
}

export function describe({ type, content, proxied }: AddressRecord): string {
  return `${type} ${content}${proxied ? "" : ", not proxied"}`;
}

/** A server that does not know the filter answers with records of other hosts. */
function parse(value: unknown, host: string): AddressRecord[] {
  if (!isRecord(value) || value["name"] !== host) return [];
  const { type, content, proxied } = value;
  if (typeof type !== "string" || !ADDRESS_TYPES.includes(type)) return [];
  return [{ type, content: String(content), proxied: proxied === true }];
}

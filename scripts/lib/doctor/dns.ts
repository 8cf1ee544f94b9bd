import { parseRecords, type AddressRecord } from "../../../infra/src/conflicts/dns.ts";
import { askForRecords } from "../../../infra/src/conflicts/reads.ts";
import { DNS_READ } from "../../../infra/src/permissions.ts";
import type { Site } from "./account.ts";
import type { Finding } from "./finding.ts";
import { unanswered } from "./unanswered.ts";

/** The records of a host, or why they are not known. */
export async function readRecords(
  { api, link }: Site,
  check: string,
  zoneId: string,
  host: string,
): Promise<AddressRecord[] | Finding> {
  const answer = await askForRecords(api, zoneId, host);
  if (answer.kind === "given") return parseRecords(answer.result, host);
  const what = `the DNS records of ${host}`;
  return unanswered({ check, what, permission: DNS_READ, link, isOptional: true }, answer);
}

import type { Answer, Api } from "../cloudflare-api.ts";
import { isZoneId } from "../exposure-config.ts";
import { isRecord } from "../is-record.ts";
import type { Permission } from "../permissions.ts";
import { parentsOf } from "./zone.ts";

/** By its ID or name; else the longest name that the host ends with, as the API does for a custom domain. */
export async function askForZone(
  api: Api,
  wanted: string | undefined,
  host: string,
): Promise<Answer> {
  if (wanted !== undefined && isZoneId(wanted)) return api.get(`/zones/${wanted}`);
  const names = wanted === undefined ? parentsOf(host) : [wanted];
  let last: Answer = { kind: "given", result: [] };
  for (const name of names) {
    last = await api.get(`/zones?name=${encodeURIComponent(name)}`);
    const isEmpty = last.kind === "given" && Array.isArray(last.result) && last.result.length === 0;
    if (!isEmpty) return last;
  }
  return last;
}

/** Whether the API says that there is no zone of this ID. */
export function hasNoSuchZone(answer: Answer, wanted: string | undefined): boolean {
  if (answer.kind !== "refused" || wanted === undefined || !isZoneId(wanted)) return false;
  return answer.status === 404 || answer.code === 7_003;
}

export function askForRoutes(api: Api, zoneId: string): Promise<Answer> {
  return api.get(`/zones/${zoneId}/workers/routes`);
}

export function askForRecords(api: Api, zoneId: string, host: string): Promise<Answer> {
  const query = new URLSearchParams({ name: host, per_page: "100" });
  return api.get(`/zones/${zoneId}/dns_records?${query.toString()}`);
}

export function askForDomains(api: Api, accountId: string, hostname: string): Promise<Answer> {
  return api.get(`/accounts/${accountId}/workers/domains?hostname=${encodeURIComponent(hostname)}`);
}

/** With the script's bindings. */
export function askForSettings(api: Api, accountId: string, scriptName: string): Promise<Answer> {
  return api.get(`/accounts/${accountId}/workers/scripts/${scriptName}/settings`);
}

/** Of the whole account. */
export function askForNamespaces(api: Api, accountId: string): Promise<Answer> {
  return api.get(`/accounts/${accountId}/workers/durable_objects/namespaces?per_page=1000`);
}

/** The Durable Object classes that a script has namespaces for, sorted. */
export function classesOf(result: unknown, scriptName: string): string[] {
  const namespaces = Array.isArray(result) ? result.filter(isRecord) : [];
  return namespaces
    .filter(({ script }) => script === scriptName)
    .map((namespace) => String(namespace["class"]))
    .toSorted();
}

const FORBIDDEN_CODES: readonly (number | null)[] = [
  // "Authentication error", for a token that is fine but may not do this.
  10_000,
  // "Unauthorized to access requested resource"
  9_109,
];

/** Whether the API refused because of what the token may do. */
export function isForbidden(answer: Answer): boolean {
  if (answer.kind !== "refused") return false;
  return answer.status === 401 || answer.status === 403 || FORBIDDEN_CODES.includes(answer.code);
}

/** What could not be read, with the reason. */
export function why(what: string, { label }: Permission, answer: Answer): string {
  if (isForbidden(answer)) return `${what} (the API token lacks the permission ${label})`;
  if (answer.kind === "unreachable") return `${what} (${answer.reason})`;
  const { status, message } = answer.kind === "refused" ? answer : { status: 200, message: "" };
  return `${what} (the API answered ${status} ${message})`;
}

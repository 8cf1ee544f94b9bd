import { isZoneId } from "../../../infra/src/exposure-config.ts";
import { isRecord } from "../../../infra/src/is-record.ts";
import type { Site } from "./account.ts";
import type { Answer } from "./api.ts";
import { ok, problem, type Finding } from "./finding.ts";
import { ZONE } from "./permissions.ts";
import { unanswered } from "./unanswered.ts";

export interface FoundZone {
  readonly finding: Finding;
  /** Null when it is not there, or not in use. */
  readonly id: string | null;
}

interface Zone {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly accountId: string;
}

/** The zone that the stack's route and custom domain are in. */
export async function findZone(site: Site): Promise<FoundZone> {
  const { config, link } = site;
  const host = config.exposure.customDomain ?? config.exposure.route?.host ?? "";
  const wanted = config.exposure.zone;
  const answer = await ask(site, wanted, host);
  if (answer.kind !== "given") {
    const isUnknown = wanted !== undefined && isZoneId(wanted) && answer.kind === "refused";
    if (isUnknown && (answer.status === 404 || answer.code === 7_003)) return missing(wanted);
    const what = `the zone of ${host}`;
    return {
      finding: unanswered({ check: "zone", what, permission: ZONE, link }, answer),
      id: null,
    };
  }
  const zones = (Array.isArray(answer.result) ? answer.result : [answer.result]).flatMap(parseZone);
  const [first] = zones;
  if (first === undefined) return missing(wanted ?? `of ${host}`);
  return judge(
    zones.find(({ accountId }) => accountId === config.accountId) ?? first,
    config,
    host,
  );
}

/** By its ID or name; else the longest name that the host ends with, as the API does for a custom domain. */
async function ask(site: Site, wanted: string | undefined, host: string): Promise<Answer> {
  const { api } = site;
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

/** The host and the domains above it, the longest first, without the last label. */
export function parentsOf(host: string): string[] {
  const labels = host.split(".");
  const count = Math.max(1, labels.length - 1);
  return Array.from({ length: count }, (_, index) => labels.slice(index).join("."));
}

function judge(zone: Zone, config: Site["config"], host: string): FoundZone {
  const fault = faultOf(zone, config.accountId, host);
  if (fault !== null) return { finding: fault, id: null };
  return { finding: ok("zone", `'${zone.name}' is active, in the account`), id: zone.id };
}

function faultOf({ name, status, accountId }: Zone, account: string, host: string): Finding | null {
  if (accountId !== account) {
    return problem(
      "zone",
      `'${name}' is in another account (${accountId})`,
      "set accountId to that account, or zone to one of this account",
    );
  }
  if (host.replace(/^\*\./, "") !== name && !host.endsWith(`.${name}`)) {
    return problem(
      "zone",
      `'${host}' is not in the zone '${name}'`,
      "set zone to the domain that the host belongs to",
    );
  }
  if (status === "active") return null;
  return problem(
    "zone",
    `'${name}' is '${status}', so nothing answers there`,
    "finish its setup in the dashboard (name servers at the registrar), and wait until it is active",
  );
}

function missing(zone: string): FoundZone {
  const advice =
    "add the domain to the account in the dashboard, set zone to its ID, or let the token read the zone";
  return {
    finding: problem("zone", `there is no zone ${zone} that this token may see`, advice),
    id: null,
  };
}

function parseZone(value: unknown): Zone[] {
  if (!isRecord(value)) return [];
  const { id, name, status, account } = value;
  if (typeof id !== "string" || typeof name !== "string") return [];
  const accountId = isRecord(account) ? account["id"] : undefined;
  return [{ id, name, status: String(status), accountId: String(accountId) }];
}

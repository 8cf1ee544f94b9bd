import { isRecord } from "../is-record.ts";
import { doubtful, fine, impossible, type Verdict } from "./verdict.ts";

export interface Zone {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly accountId: string;
}

export interface ZoneWish {
  readonly accountId: string;
  /** What is to be served there. */
  readonly host: string;
  /** Whether the stack's state has an address there already. */
  readonly isInUse: boolean;
}

/** Whether addresses can be made in a zone. */
export function judgeZone(
  { name, status, accountId }: Zone,
  { accountId: wanted, host, isInUse }: ZoneWish,
): Verdict {
  if (accountId !== wanted) {
    return impossible(
      `the zone '${name}' is in another account (${accountId})`,
      "set accountId to that account, or zone to one of this account",
    );
  }
  if (host.replace(/^\*\./, "") !== name && !host.endsWith(`.${name}`)) {
    return impossible(
      `'${host}' is not in the zone '${name}'`,
      "set zone to the domain that the host belongs to",
    );
  }
  if (status === "active") return fine(`'${name}' is active, in the account`);
  const found = `the zone '${name}' is '${status}', so nothing answers there`;
  const advice =
    "finish its setup in the dashboard (name servers at the registrar), and wait until it is active";
  return isInUse ? doubtful(found, advice) : impossible(found, advice);
}

/** @param zone its name or ID, or `of <host>` */
export function noSuchZone(zone: string): Verdict {
  return impossible(
    `there is no zone ${zone} that this token may see`,
    "add the domain to the account in the dashboard, set zone to its ID, or let the token read the zone (permission Zone, Zone, Read)",
  );
}

/** The zone of the account among those of one name, else the first. */
export function pickZone(zones: readonly Zone[], accountId: string): Zone | undefined {
  return zones.find((zone) => zone.accountId === accountId) ?? zones[0];
}

/** The host and the domains above it, the longest first, without the last label. */
export function parentsOf(host: string): string[] {
  const labels = host.split(".");
  const count = Math.max(1, labels.length - 1);
  return Array.from({ length: count }, (_, index) => labels.slice(index).join("."));
}

/** @param result one zone or a list */
export function parseZones(result: unknown): Zone[] {
  return (Array.isArray(result) ? result : [result]).flatMap(parseZone);
}

function parseZone(value: unknown): Zone[] {
  if (!isRecord(value)) return [];
  const { id, name, status, account } = value;
  if (typeof id !== "string" || typeof name !== "string") return [];
  const accountId = isRecord(account) ? account["id"] : undefined;
  return [{ id, name, status: String(status), accountId: String(accountId) }];
}

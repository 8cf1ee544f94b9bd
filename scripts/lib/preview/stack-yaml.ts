import { parse, stringify } from "yaml";
import { PROJECT_NAME } from "../project.ts";
import { record } from "./digest.ts";

/** A stack's config for the local cloud. */
export interface LocalConfig {
  /** Text of the file. */
  readonly yaml: string;
  /** Zones that the local cloud must have for it. */
  readonly zones: readonly string[];
  /** Account that the config itself names; undefined when it is not set or encrypted. */
  readonly accountId: string | undefined;
}

export interface LocalCloudAddress {
  readonly apiUrl: string;
  readonly accountId: string;
}

const OWN = `${PROJECT_NAME}:`;
const ZONE_ID = /^[\da-f]{32}$/;

/**
 * A stack's config as it is, but for the local cloud: another account, no credentials, and zones by
 * their names, since nobody but Cloudflare knows their IDs.
 * @param text of Pulumi.<stack>.yaml; null when there is no such file
 * @throws Error when it is not YAML
 */
export function forLocalCloud(text: string | null, cloud: LocalCloudAddress): LocalConfig {
  const config = record(record(parse(text ?? "", { intAsBigInt: true }))?.["config"]) ?? {};
  const values = Object.fromEntries(
    Object.entries(config)
      .map(([key, value]) => [key.includes(":") ? key : `${OWN}${key}`, value] as const)
      .filter(([key, value]) => key.startsWith(OWN) && record(value)?.["secure"] === undefined),
  );
  const given = values[`${OWN}accountId`];
  const zone = zoneOf(values);
  delete values[`${OWN}edgeUrl`];
  const local = {
    ...values,
    ...(zone === undefined || values[`${OWN}zone`] === undefined ? {} : { [`${OWN}zone`]: zone }),
    [`${OWN}accountId`]: cloud.accountId,
    [`${OWN}cloudflareBaseUrl`]: cloud.apiUrl,
  };
  return {
    yaml: stringify({ config: local }),
    zones: zone === undefined ? [] : [zone],
    accountId: typeof given === "string" || typeof given === "bigint" ? String(given) : undefined,
  };
}

/** The name of the zone that the addresses are in; a guess where the config has its ID or nothing. */
function zoneOf(values: { readonly [key: string]: unknown }): string | undefined {
  const [zone, domain, route] = ["zone", "customDomain", "route"].map((key) => {
    const value = values[`${OWN}${key}`];
    return typeof value === "string" ? value : undefined;
  });
  if (zone !== undefined && !ZONE_ID.test(zone)) return zone;
  const host = domain ?? route?.replace(/\/.*$/, "").replace(/^\*\./, "");
  return host?.split(".").slice(-2).join(".");
}

import * as cloudflare from "@pulumi/cloudflare";
import { RunError } from "@pulumi/pulumi";
import { isZoneId } from "./exposure-config.ts";
import type { DeployedScript } from "./upload-plan.ts";

export interface LookupOptions {
  readonly accountId: string;
  readonly provider: cloudflare.Provider;
}

/**
 * A script as it is in the account; undefined when it is not there.
 * @throws RunError when the API cannot be asked
 */
export async function findScript(
  scriptName: string,
  { accountId, provider }: LookupOptions,
): Promise<DeployedScript | undefined> {
  const { results } = await ask("the account's scripts", "Workers Scripts, Read", () =>
    cloudflare.getWorkersScripts({ accountId }, { provider }),
  );
  return results.find(({ id }) => id === scriptName);
}

/**
 * ID of a zone of the account.
 * @param zone its name, or already its ID
 * @throws RunError when the account has not exactly one zone of the name, or the API cannot be asked
 */
export async function findZoneId(
  zone: string,
  { accountId, provider }: LookupOptions,
): Promise<string> {
  if (isZoneId(zone)) return zone;
  const { results } = await ask(`the zone '${zone}'`, "Zone, Read", () =>
    cloudflare.getZones({ name: zone, account: { id: accountId } }, { provider }),
  );
  const [found, ...others] = results;
  if (found !== undefined && others.length === 0) return found.id;
  const problem =
    found === undefined
      ? `has no zone '${zone}', or the API token may not read it (permission Zone, Read)`
      : `has ${results.length} zones '${zone}'`;
  throw new RunError(
    `The account ${problem}. Set the zone's ID instead, from its overview page in the dashboard: pulumi config set zone <32 hexadecimal digits>.`,
  );
}

async function ask<T>(what: string, permission: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RunError(
      `Cloudflare's API did not tell ${what}: ${reason}\nNothing was changed. Check accountId, the network, and that CLOUDFLARE_API_TOKEN is set and has the permission ${permission}.`,
    );
  }
}

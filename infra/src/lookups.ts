import { getWorkersScripts } from "@pulumi/cloudflare/getWorkersScripts.js";
import { getZones } from "@pulumi/cloudflare/getZones.js";
import { RunError, type InvokeOptions } from "@pulumi/pulumi";
import { isZoneId } from "./exposure-config.ts";
import type { DeployedScript } from "./upload-plan.ts";

export interface LookupOptions {
  readonly accountId: string;
  /** What says which provider is asked. */
  readonly invoke: InvokeOptions;
  /** Whether the account is the local cloud's, which takes any token. */
  readonly isLocal: boolean;
}

/**
 * A script as it is in the account; undefined when it is not there.
 * @throws RunError when the API cannot be asked
 */
export async function findScript(
  scriptName: string,
  { accountId, invoke, isLocal }: LookupOptions,
): Promise<DeployedScript | undefined> {
  const question = { what: "the account's scripts", permission: "Workers Scripts, Read", isLocal };
  const { results } = await ask(question, () => getWorkersScripts({ accountId }, invoke));
  return results.find(({ id }) => id === scriptName);
}

/**
 * ID of a zone of the account.
 * @param zone its name, or already its ID
 * @throws RunError when the account has not exactly one zone of the name, or the API cannot be asked
 */
export async function findZoneId(
  zone: string,
  { accountId, invoke, isLocal }: LookupOptions,
): Promise<string> {
  if (isZoneId(zone)) return zone;
  const question = { what: `the zone '${zone}'`, permission: "Zone, Read", isLocal };
  const { results } = await ask(question, () =>
    getZones({ name: zone, account: { id: accountId } }, invoke),
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

interface Question {
  readonly what: string;
  /** What the API token must be allowed. */
  readonly permission: string;
  readonly isLocal: boolean;
}

async function ask<T>(
  { what, permission, isLocal }: Question,
  request: () => Promise<T>,
): Promise<T> {
  try {
    return await request();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const advice = isLocal
      ? "Check that the local cloud is running, at cloudflareBaseUrl."
      : `Check accountId, the network, and that CLOUDFLARE_API_TOKEN is set and has the permission ${permission}.`;
    throw new RunError(
      `Cloudflare's API did not tell ${what}: ${reason}\nNothing was changed. ${advice}`,
    );
  }
}

import cloudflarePackage from "@pulumi/cloudflare/package.json" with { type: "json" };
import * as pulumi from "@pulumi/pulumi";
import { fetchAccountSubdomain } from "./account-subdomain.ts";
import { ownAddress, workersDevAddress, type Address } from "./address.ts";
import type { StackConfig } from "./config.ts";
import { LEDGER } from "./ledger.ts";
import { findScript, findZoneId } from "./lookups.ts";
import { readPreviousRun } from "./previous-run.ts";
import type { ApiAccess } from "./provider.ts";
import { scriptInputs, type ScriptOptions } from "./script-inputs.ts";
import { planUpload, type UploadPlan } from "./upload-plan.ts";

/** What must be known before the first resource is registered. */
export interface Preflight {
  readonly plan: UploadPlan;
  /** Undefined when config names no zone. */
  readonly zoneId: string | undefined;
  /** Undefined when the stack has no single address. */
  readonly address: Address | undefined;
}

/**
 * Asks the account and the stack's state what they know, in previews too.
 * @param name of the component
 * @throws RunError when the update must not go on; nothing is registered then
 */
export async function preflight(
  name: string,
  config: StackConfig,
  script: ScriptOptions,
  api: ApiAccess,
): Promise<Preflight> {
  const { accountId, allowDataLoss, exposure, localCloud } = config;
  const lookup = { accountId, provider: api.provider, isLocal: localCloud !== undefined };
  const [deployed, previous, zoneId, address] = await Promise.all([
    findScript(config.scriptName, lookup),
    readPreviousRun(name),
    exposure.zone === undefined ? undefined : findZoneId(exposure.zone, lookup),
    findAddress(config, api),
  ]);
  const plan = planUpload({
    ledger: LEDGER,
    accountId,
    scriptName: config.scriptName,
    // Another version of the provider may upload what has not changed here.
    inputs: { ...scriptInputs(script), provider: cloudflarePackage.version },
    deployed,
    previous,
    allowDataLoss,
  });
  return { plan, zoneId, address };
}

/** The address that outputs name: custom domain, else route, else workers.dev. */
async function findAddress(config: StackConfig, api: ApiAccess): Promise<Address | undefined> {
  const { accountId, exposure, localCloud, scriptName } = config;
  const edgeUrl = localCloud?.edgeUrl;
  const own = ownAddress(exposure, edgeUrl);
  if (own !== undefined) return own;
  if (exposure.workersDev) {
    const { baseUrl, token } = api;
    const subdomain = await fetchAccountSubdomain({ accountId, token, baseUrl });
    return workersDevAddress(scriptName, subdomain, edgeUrl);
  }
  const { pattern, basePath } = exposure.route ?? {};
  await pulumi.log.info(
    `The route '${pattern}' serves many hosts, so this stack has no url of its own: take https://<host>${basePath} on each.`,
  );
  return undefined;
}

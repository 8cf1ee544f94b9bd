import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { isZoneId, type Exposure, type Route } from "./exposure-config.ts";

/** Address of the record that only makes Cloudflare answer for a host: nothing is ever sent to it. */
const DISCARD_ADDRESS = "100::";

export interface ExposureArgs {
  readonly accountId: pulumi.Input<string>;
  /** Output of the script's resource, so that nothing points at it before it is there. */
  readonly scriptName: pulumi.Output<string>;
  readonly exposure: Exposure;
}

/** Puts a script on its custom domain, its route and workers.dev, as far as each is asked for. */
export function exposeScript(name: string, args: ExposureArgs, parent: pulumi.Resource): void {
  const { accountId, scriptName, exposure } = args;
  const { customDomain, route, zone, workersDev } = exposure;
  const zoneId = zone === undefined ? undefined : findZone(zone, accountId, parent);
  if (customDomain !== undefined) {
    new cloudflare.WorkersCustomDomain(
      name,
      {
        accountId,
        hostname: customDomain,
        service: scriptName,
        ...(zoneId === undefined ? {} : { zoneId }),
      },
      // A host has one owner, and every change is a replacement.
      { parent, deleteBeforeReplace: true },
    );
  }
  if (route !== undefined && zoneId !== undefined) {
    routeToScript(name, route, zoneId, scriptName, parent);
  }
  if (workersDev) {
    new cloudflare.WorkersScriptSubdomain(
      name,
      { accountId, scriptName, enabled: true, previewsEnabled: false },
      { parent },
    );
  }
}

function routeToScript(
  name: string,
  { pattern, host, manageDns }: Route,
  zoneId: pulumi.Input<string>,
  script: pulumi.Output<string>,
  parent: pulumi.Resource,
): void {
  const route = new cloudflare.WorkersRoute(name, { zoneId, pattern, script }, { parent });
  if (!manageDns) return;
  new cloudflare.DnsRecord(
    name,
    { zoneId, name: host, type: "AAAA", content: DISCARD_ADDRESS, proxied: true, ttl: 1 },
    // The host resolves only while there is something to answer.
    { parent, dependsOn: route },
  );
}

/** ID of the zone that `zone` names or already is. */
function findZone(
  zone: string,
  accountId: pulumi.Input<string>,
  parent: pulumi.Resource,
): pulumi.Input<string> {
  if (isZoneId(zone)) return zone;
  return cloudflare
    .getZonesOutput({ name: zone, account: { id: accountId } }, { parent })
    .results.apply((zones) => onlyZone(zone, zones));
}

function onlyZone(name: string, zones: readonly { id: string }[]): string {
  const [zone, ...others] = zones;
  if (zone !== undefined && others.length === 0) return zone.id;
  const problem =
    zone === undefined
      ? `has no zone '${name}', or the API token may not read it (permission Zone, Read)`
      : `has ${zones.length} zones '${name}'`;
  throw new pulumi.RunError(
    `The account ${problem}. Set the zone's ID instead, from its overview page in the dashboard: pulumi config set zone <32 hexadecimal digits>.`,
  );
}

import { DnsRecord } from "@pulumi/cloudflare/dnsRecord.js";
import { WorkersCustomDomain } from "@pulumi/cloudflare/workersCustomDomain.js";
import { WorkersRoute } from "@pulumi/cloudflare/workersRoute.js";
import { WorkersScriptSubdomain } from "@pulumi/cloudflare/workersScriptSubdomain.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Exposure, Route } from "./exposure-config.ts";

/** Address of the record that only makes Cloudflare answer for a host: nothing is ever sent to it. */
const DISCARD_ADDRESS = "100::";

export interface ExposureArgs {
  readonly accountId: pulumi.Input<string>;
  /** Output of the script's resource, so that nothing points at it before it is there. */
  readonly scriptName: pulumi.Output<string>;
  readonly exposure: Exposure;
  /** ID of the zone of the route and the custom domain; a route without one is not made. */
  readonly zoneId?: pulumi.Input<string> | undefined;
}

/** Puts a script on its custom domain, its route and workers.dev, as far as each is asked for. */
export function exposeScript(name: string, args: ExposureArgs, parent: pulumi.Resource): void {
  const { accountId, scriptName, exposure, zoneId } = args;
  const { customDomain, route, workersDev } = exposure;
  if (customDomain !== undefined) {
    new WorkersCustomDomain(
      name,
      { accountId, hostname: customDomain, service: scriptName, zoneId },
      // A host has one owner, and every change is a replacement.
      { parent, deleteBeforeReplace: true },
    );
  }
  if (route !== undefined && zoneId !== undefined) {
    routeToScript(name, route, zoneId, scriptName, parent);
  }
  if (workersDev) {
    new WorkersScriptSubdomain(
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
  const route = new WorkersRoute(name, { zoneId, pattern, script }, { parent });
  if (!manageDns) return;
  new DnsRecord(
    name,
    { zoneId, name: host, type: "AAAA", content: DISCARD_ADDRESS, proxied: true, ttl: 1 },
    // The host resolves only while there is something to answer.
    { parent, dependsOn: route },
  );
}

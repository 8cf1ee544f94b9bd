import { DnsRecord } from "@pulumi/cloudflare/dnsRecord.js";
import { WorkersCustomDomain } from "@pulumi/cloudflare/workersCustomDomain.js";
import { WorkersRoute } from "@pulumi/cloudflare/workersRoute.js";
import { WorkersScriptSubdomain } from "@pulumi/cloudflare/workersScriptSubdomain.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Imports } from "./conflicts/check.ts";
import { DISCARD_RECORD } from "./discard-record.ts";
import type { Exposure, Route } from "./exposure-config.ts";

export interface ExposureArgs {
  readonly accountId: pulumi.Input<string>;
  /** Output of the script's resource, so that nothing points at it before it is there. */
  readonly scriptName: pulumi.Output<string>;
  readonly exposure: Exposure;
  /** ID of the zone of the route and the custom domain; a route without one is not made. */
  readonly zoneId?: pulumi.Input<string> | undefined;
  /** What is there already as it is to be: the API makes no second one. @default nothing */
  readonly imports?: Imports | undefined;
}

/** Puts a script on its custom domain, its route and workers.dev, as far as each is asked for. */
export function exposeScript(name: string, args: ExposureArgs, parent: pulumi.Resource): void {
  const { accountId, scriptName, exposure, zoneId, imports = {} } = args;
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
    routeToScript(name, route, { zoneId, script: scriptName, imports }, parent);
  }
  if (workersDev) {
    new WorkersScriptSubdomain(
      name,
      { accountId, scriptName, enabled: true, previewsEnabled: false },
      { parent },
    );
  }
}

interface RouteArgs {
  readonly zoneId: pulumi.Input<string>;
  readonly script: pulumi.Output<string>;
  readonly imports: Imports;
}

function routeToScript(
  name: string,
  { pattern, host, manageDns }: Route,
  { zoneId, script, imports }: RouteArgs,
  parent: pulumi.Resource,
): void {
  const options = { parent, ...importing(imports.route) };
  const route = new WorkersRoute(name, { zoneId, pattern, script }, options);
  if (!manageDns) return;
  new DnsRecord(
    name,
    { zoneId, name: host, ...DISCARD_RECORD },
    // The host resolves only while there is something to answer.
    { parent, dependsOn: route, ...importing(imports.record) },
  );
}

function importing(id: string | undefined): pulumi.CustomResourceOptions {
  return id === undefined ? {} : { import: id };
}

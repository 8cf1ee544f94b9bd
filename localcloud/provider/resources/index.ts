import type { Resource } from "../resource.ts";
import { dnsRecord } from "./dns-record.ts";
import { workersCustomDomain } from "./workers-custom-domain.ts";
import { workersRoute } from "./workers-route.ts";
import { workersScriptSubdomain } from "./workers-script-subdomain.ts";
import { workersScript } from "./workers-script.ts";

/** Every resource type that is covered, by its token. */
export const RESOURCES: ReadonlyMap<string, Resource> = new Map(
  [workersScript, workersRoute, workersCustomDomain, workersScriptSubdomain, dnsRecord].map(
    (resource) => [resource.token, resource],
  ),
);

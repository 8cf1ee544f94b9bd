/** The Pulumi program: reads the stack's config, bundles the Worker and deploys it. */
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { embedCode } from "./address.ts";
import { writeBundle } from "./bundle.ts";
import { preflight } from "./preflight.ts";
import { apiAccess } from "./provider.ts";
import { readCredentials, readStackConfig } from "./stack-config.ts";
import { VisitorTracker } from "./visitor-tracker.ts";

/** Never changes: another name would make other resources. */
const NAME = "visitor-tracker";

const config = readStackConfig();
const { bundle, live } = await writeBundle(join(import.meta.dirname, ".."));
const script = { ...config, bundle };
const api = apiAccess({
  localCloud: config.localCloud,
  values: readCredentials(),
  env: process.env,
});
const { plan, zoneId, address } = await preflight(NAME, config, script, api);

const tracker = new VisitorTracker(
  NAME,
  {
    ...script,
    accountId: config.isAccountIdSecret ? pulumi.secret(config.accountId) : config.accountId,
    zoneId,
    plan,
  },
  { provider: api.provider },
);

/** Base URL for clients; absent when the only address is a route over many hosts. */
export const url: string | undefined = address?.url;
/** Where clients open their WebSockets; absent as `url` is. */
export const wsUrl: string | undefined = address?.wsUrl;
/** The lines of HTML that show the count on a page. */
export const embed: string = embedCode(
  // Without an address of its own it is on each of a route's hosts.
  address?.url ?? config.exposure.route?.basePath ?? "",
  live,
);
export const scriptName: pulumi.Output<string> = tracker.scriptName;
export const migrationTag: pulumi.Output<string> = tracker.migrationTag;
export const allowedOrigins: readonly string[] = config.allowedOrigins;

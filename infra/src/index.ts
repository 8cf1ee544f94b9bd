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
const script = { ...config, bundle: await writeBundle(join(import.meta.dirname, "..")) };
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
/** The lines that show the count on a page; absent as `url` is. */
export const embed: string | undefined = address && embedCode(address.url);
export const scriptName: pulumi.Output<string> = tracker.scriptName;
export const migrationTag: pulumi.Output<string> = tracker.migrationTag;
export const allowedOrigins: readonly string[] = config.allowedOrigins;

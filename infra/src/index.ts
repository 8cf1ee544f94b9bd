/** The Pulumi program: reads the stack's config, bundles the Worker and deploys it. */
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { embedCode } from "./address.ts";
import { writeBundle } from "./bundle.ts";
import { preflight } from "./preflight.ts";
import { apiAccess } from "./provider.ts";
import { readCredentials, readStackConfig } from "./stack-config.ts";
import type { LastUpload } from "./upload-plan.ts";
import { VisitorTracker } from "./visitor-tracker.ts";

const config = readStackConfig();
const script = { ...config, bundle: await writeBundle(join(import.meta.dirname, "..")) };
const api = apiAccess({
  localCloud: config.localCloud,
  values: readCredentials(),
  env: process.env,
});
const { plan, zoneId, address } = await preflight(config, script, api);

const tracker = new VisitorTracker(
  "visitor-tracker",
  {
    ...script,
    accountId: config.isAccountIdSecret ? pulumi.secret(config.accountId) : config.accountId,
    zoneId,
    migrations: plan.migrations,
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
/** For the next run, not for people: see upload-plan.ts. */
export const lastUpload: pulumi.Output<LastUpload> = pulumi
  .all([tracker.etag, tracker.modifiedOn])
  .apply(([etag, modifiedOn]) => ({ ...plan, etag, modifiedOn }));

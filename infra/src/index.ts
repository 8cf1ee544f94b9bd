/** The Pulumi program: reads the stack's config, bundles the Worker and deploys it. */
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { fetchAccountSubdomain } from "./account-subdomain.ts";
import { embedCode, ownAddress, workersDevAddress, type Address } from "./address.ts";
import { writeBundle } from "./bundle.ts";
import { readPreviousRun } from "./previous-run.ts";
import { apiAccess, type ApiAccess } from "./provider.ts";
import { readStackConfig, type RunningStackConfig } from "./stack-config.ts";
import type { LastUpload } from "./upload-plan.ts";
import { VisitorTracker } from "./visitor-tracker.ts";

const config = readStackConfig();
const bundle = await writeBundle(join(import.meta.dirname, ".."));
const api = apiAccess(config.localCloud);

const tracker = new VisitorTracker(
  "visitor-tracker",
  { ...config, bundle, previous: readPreviousRun() },
  { provider: api.provider },
);
const address = publicAddress(config, api);

/** Base URL for clients; absent when the only address is a route over many hosts. */
export const url: pulumi.Output<string | undefined> = address.apply((known) => known?.url);
/** Where clients open their WebSockets; absent as `url` is. */
export const wsUrl: pulumi.Output<string | undefined> = address.apply((known) => known?.wsUrl);
/** The lines that show the count on a page; absent as `url` is. */
export const embed: pulumi.Output<string | undefined> = address.apply((known) =>
  known === undefined ? undefined : embedCode(known.url),
);
export const scriptName: pulumi.Output<string> = tracker.scriptName;
export const migrationTag: pulumi.Output<string> = tracker.migrationTag;
export const allowedOrigins: readonly string[] = config.allowedOrigins;
/** For the next run, not for people: see upload-plan.ts. */
export const lastUpload: pulumi.Output<LastUpload> = tracker.lastUpload;

function publicAddress(
  { accountId, scriptName: script, exposure, localCloud }: RunningStackConfig,
  { baseUrl, token }: ApiAccess,
): pulumi.Output<Address | undefined> {
  const { route, workersDev } = exposure;
  const edgeUrl = localCloud?.edgeUrl;
  const own = ownAddress(exposure, edgeUrl);
  if (own !== undefined) return pulumi.output(own);
  if (!workersDev) {
    void pulumi.log.info(
      `The route '${route?.pattern}' serves many hosts, so this stack has no url of its own: take https://<host>${route?.basePath} on each.`,
    );
    return pulumi.output(undefined);
  }
  const subdomain = pulumi
    .all([accountId, token])
    .apply(([account, secretToken]) =>
      fetchAccountSubdomain({ accountId: account, token: secretToken, baseUrl }),
    );
  return pulumi.unsecret(subdomain).apply((name) => workersDevAddress(script, name, edgeUrl));
}

/** The Pulumi program: reads the stack's config, bundles the Worker and deploys it. */
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { writeBundle } from "./bundle.ts";
import { stackProvider } from "./provider.ts";
import { configWords } from "./setting-words.ts";
import { readCredentials, readStackConfig, trackerArgs } from "./stack-config.ts";
import { Tracker } from "./visitor-tracker.ts";

/** Never changes: another name would make other resources. */
const NAME = "visitor-tracker";

const config = readStackConfig();
const tracker = new Tracker(
  NAME,
  trackerArgs(config),
  {
    writeBundle: () => writeBundle(join(import.meta.dirname, "..")),
    words: configWords(pulumi.getStack()),
  },
  { provider: stackProvider(config.localCloud, readCredentials()) },
);

/** Base URL for clients; absent when the only address is a route over many hosts. */
export const url: pulumi.Output<string | undefined> = tracker.url;
/** Where clients open their WebSockets; absent as `url` is. */
export const wsUrl: pulumi.Output<string | undefined> = tracker.wsUrl;
/** The lines of HTML that show the count on a page. */
export const embed: pulumi.Output<string> = tracker.embed;
export const scriptName: pulumi.Output<string> = tracker.scriptName;
export const migrationTag: pulumi.Output<string> = tracker.migrationTag;
export const allowedOrigins: readonly string[] = config.allowedOrigins;

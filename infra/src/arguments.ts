import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "@visitor-tracker/protocol";
import type { Adoption } from "./adoption.ts";
import { renderArgumentProblems } from "./config-problems.ts";
import { ConfigReader, type SettingSource } from "./config-reader.ts";
import { CONFIG_KEYS, readTracker, type TrackerConfig } from "./config.ts";
import { knownValue } from "./known-value.ts";
import { readEdgeUrl } from "./local-cloud-config.ts";
import { defaultScriptName, PRODUCTION_STACK } from "./script-name.ts";
import type { SettingWords } from "./setting-words.ts";

/**
 * What a {@link VisitorTracker} is made of. At least one of `customDomain`, `route` and `workersDev` is
 * needed; `url` is that of the first. Inputs must be known in previews, too.
 */
export interface VisitorTrackerArgs {
  /** ID of the Cloudflare account, 32 hexadecimal digits; may be a secret. */
  readonly accountId: pulumi.Input<string>;
  /**
   * Sites whose pages may count visitors: `https://example.com`, `https://*.example.com`,
   * `http://localhost:*`, `none` (no Origin header), `null`, or `*`.
   */
  readonly allowedOrigins: pulumi.Input<readonly pulumi.Input<string>[]>;
  /** A host of its own, with DNS record and certificate: `count.example.com`. */
  readonly customDomain?: pulumi.Input<string> | undefined;
  /** A part of a host that Cloudflare already proxies: `blog.example.com/live/*`; needs `zone`. */
  readonly route?: pulumi.Input<string> | undefined;
  /** Name or ID of the domain at Cloudflare that `route` and `customDomain` are in. */
  readonly zone?: pulumi.Input<string> | undefined;
  /** Makes the proxied DNS record of the route's host. @default false */
  readonly manageDns?: boolean | undefined;
  /** Serves `https://<script>.<subdomain>.workers.dev`. @default false */
  readonly workersDev?: boolean | undefined;
  /** Name of the Worker in the account. @default the component's name, and `-<stack>` unless the stack is `prod` */
  readonly scriptName?: pulumi.Input<string> | undefined;
  /** Refuses to delete or replace the Worker. @default the option `protect`, else true in the stack `prod` */
  readonly protect?: boolean | undefined;
  /** Names of the Worker, or of Durable Object classes, that an update may destroy. @default [] */
  readonly allowDataLoss?: string | readonly string[] | undefined;
  /** Worker of something else that an update may take over. */
  readonly adopt?: Adoption | undefined;
  /** Serves a page at `/` that shows the count. @default false */
  readonly demo?: boolean | undefined;
  /** Query parameters that tell pages apart. @default [] */
  readonly pageQuery?: readonly string[] | undefined;
  /** Lets pages report their counts, so that `GET /count` also gives a site's total. @default false */
  readonly siteCount?: boolean | undefined;
  /** Limits of the Worker that differ from the defaults. */
  readonly limits?: Partial<Settings["limits"]> | undefined;
  /** Where objects are made, such as `weur`. @default near who asks first */
  readonly locationHint?: Settings["locationHint"];
  /** Where objects must live: `eu` or `fedramp`. @default anywhere */
  readonly jurisdiction?: Settings["jurisdiction"];
  /** Edge of a local cloud on this machine, whose scheme and port the addresses take. Only to try things out. */
  readonly edgeUrl?: string | undefined;
}

/** Arguments, checked and complete. */
export interface CheckedArguments {
  readonly config: TrackerConfig;
  readonly edgeUrl: string | undefined;
}

export interface ArgumentContext {
  /** Of the component. */
  readonly name: string;
  readonly stack: string;
  /** The option of this name. */
  readonly protect: boolean | undefined;
  readonly words: SettingWords;
}

/**
 * Waits for a component's arguments and checks them by the rules that a stack's config has.
 * @throws RunError with everything that is wrong
 */
export async function checkArguments(
  args: VisitorTrackerArgs,
  { name, stack, protect, words }: ArgumentContext,
): Promise<CheckedArguments> {
  const { source, unknown } = await settle(args);
  const reader = new ConfigReader(source, words);
  for (const key of unknown) {
    reader.report(
      key,
      "is known only when the update runs, but what an update would change depends on it",
      "give a value that previews know, too: plain, from config, or of another stack",
    );
  }
  const fail = (): never => {
    throw new pulumi.RunError(renderArgumentProblems(name, reader.problems));
  };
  if (unknown.length > 0) return fail();
  const config = readTracker(reader, ARGUMENT_KEYS, {
    scriptName: defaultScriptName(name, stack),
    protect: protect ?? stack === PRODUCTION_STACK,
    demo: false,
  });
  const edgeUrl = readEdgeUrl(reader);
  return reader.problems.length > 0 ? fail() : { config, edgeUrl };
}

/** The API's address is the provider's affair. */
const ARGUMENT_KEYS: readonly string[] = CONFIG_KEYS.filter((key) => key !== "cloudflareBaseUrl");

/** Arguments as a config has them: text, or JSON for all else. */
async function settle(
  args: VisitorTrackerArgs,
): Promise<{ source: SettingSource; unknown: string[] }> {
  const values: { [key: string]: string } = {};
  const secretKeys = new Set<string>();
  const unknown: string[] = [];
  for (const [key, input] of Object.entries(args)) {
    const known = await knownValue(input);
    if (!known.isKnown) {
      unknown.push(key);
    } else if (known.value !== undefined) {
      values[key] = typeof known.value === "string" ? known.value : JSON.stringify(known.value);
      if (known.isSecret) secretKeys.add(key);
    }
  }
  return { source: { values, secretKeys }, unknown };
}

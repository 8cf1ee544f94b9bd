import * as pulumi from "@pulumi/pulumi";
import type { VisitorTrackerArgs } from "./arguments.ts";
import { renderProblems } from "./config-problems.ts";
import { parseConfig, type StackConfig } from "./config.ts";

/** The running stack's config. */
export interface RunningStackConfig extends StackConfig {
  /** Whether the account ID is encrypted in config, and so in the state. */
  readonly isAccountIdSecret: boolean;
}

/**
 * Reads and checks the config of the stack that is running.
 * @throws RunError with everything that is wrong
 */
export function readStackConfig(): RunningStackConfig {
  const stack = pulumi.getStack();
  const namespace = pulumi.getProject();
  const values = valuesOf(namespace);
  const secretKeys = new Set(
    Object.keys(values).filter((key) => isConfigSecret(`${namespace}:${key}`)),
  );
  const { config, problems } = parseConfig({ stack, values, secretKeys });
  if (config === undefined) throw new pulumi.RunError(renderProblems(stack, problems));
  return { ...config, isAccountIdSecret: secretKeys.has("accountId") };
}

/** The component's arguments that a stack's config means. */
export function trackerArgs(config: RunningStackConfig): VisitorTrackerArgs {
  const { accountId, isAccountIdSecret, exposure, settings, localCloud } = config;
  const { customDomain, route, zone, workersDev } = exposure;
  const { basePath: _basePath, ...others } = settings;
  const { allowedOrigins, scriptName, protect, allowDataLoss, adopt } = config;
  return {
    accountId: isAccountIdSecret ? pulumi.secret(accountId) : accountId,
    allowedOrigins,
    scriptName,
    protect,
    adopt,
    // An empty list is nothing to ask for.
    ...(allowDataLoss.length > 0 && { allowDataLoss }),
    customDomain,
    ...(route && { route: route.pattern, manageDns: route.manageDns }),
    zone,
    workersDev,
    ...others,
    edgeUrl: localCloud?.edgeUrl,
  };
}

/** What the stack's config has for Cloudflare's provider, in clear: it goes nowhere else. */
export function readCredentials(): {
  apiToken?: string;
  apiKey?: string;
  email?: string;
  baseUrl?: string;
} {
  return valuesOf("cloudflare");
}

/** Values of one namespace, by key without it. */
function valuesOf(namespace: string): { [key: string]: string } {
  const prefix = `${namespace}:`;
  return Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig())
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}

/** The SDK knows which keys are encrypted, but leaves the function out of its types. */
function isConfigSecret(key: string): boolean {
  const check: unknown = Reflect.get(pulumi.runtime, "isConfigSecret");
  if (typeof check !== "function") {
    throw new TypeError(
      "@pulumi/pulumi has no runtime.isConfigSecret, so secrets cannot be kept; use the version that package.json names",
    );
  }
  return check(key) === true;
}

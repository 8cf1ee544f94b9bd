import * as pulumi from "@pulumi/pulumi";
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

/** Credentials that the stack's config has for Cloudflare, in clear: they go nowhere but to the provider. */
export function readCredentials(): { apiToken?: string; apiKey?: string; email?: string } {
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

import * as pulumi from "@pulumi/pulumi";
import { renderProblems } from "./config-problems.ts";
import { parseConfig, type StackConfig } from "./config.ts";

/** The running stack's config, with the account ID as secret as the config has it. */
export interface RunningStackConfig extends Omit<StackConfig, "accountId"> {
  readonly accountId: pulumi.Input<string>;
}

/**
 * Reads and checks the config of the stack that is running.
 * @throws RunError with everything that is wrong
 */
export function readStackConfig(): RunningStackConfig {
  const stack = pulumi.getStack();
  const namespace = `${pulumi.getProject()}:`;
  const entries = Object.entries(pulumi.runtime.allConfig()).filter(([key]) =>
    key.startsWith(namespace),
  );
  const secretKeys = new Set(
    entries
      .map(([key]) => key)
      .filter(isConfigSecret)
      .map((key) => key.slice(namespace.length)),
  );
  const { config, problems } = parseConfig({
    stack,
    values: Object.fromEntries(entries.map(([key, value]) => [key.slice(namespace.length), value])),
    secretKeys,
  });
  if (config === undefined) throw new pulumi.RunError(renderProblems(stack, problems));
  const { accountId } = config;
  return {
    ...config,
    accountId: secretKeys.has("accountId") ? pulumi.secret(accountId) : accountId,
  };
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

import { ERRORS, fail } from "../errors.ts";
import type { Plan } from "../model/state.ts";
import type { RunnableBinding } from "../runtime/types.ts";

/** @see https://developers.cloudflare.com/workers/platform/limits/#environment-variables */
const MAX_VARIABLE_BYTES = 5 * 1_024;
const MAX_VARIABLES: Readonly<Record<Plan, number>> = { free: 64, paid: 128 };

/**
 * Passes when the variables and secrets among these bindings are as many and as large as Cloudflare takes.
 * @throws {ApiError} 10054 for one that is too large, 10055 for too many
 */
export function requireBindingLimits(bindings: readonly RunnableBinding[], plan: Plan): void {
  const variables = bindings.flatMap(valueOf);
  const limit = MAX_VARIABLES[plan];
  if (variables.length > limit) {
    fail(ERRORS.TOO_MANY_VARIABLES, { count: variables.length, limit, plan });
  }
  for (const { name, value } of variables) {
    const bytes = Buffer.byteLength(value);
    if (bytes > MAX_VARIABLE_BYTES) {
      fail(ERRORS.VARIABLE_TOO_LARGE, { name, bytes, limit: MAX_VARIABLE_BYTES });
    }
  }
}

function valueOf({ type, name, text, json }: RunnableBinding): { name: string; value: string }[] {
  if (type === "json") return [{ name, value: JSON.stringify(json ?? null) }];
  const isText = type === "plain_text" || type === "secret_text";
  return isText && typeof text === "string" ? [{ name, value: text }] : [];
}

import type { Engine } from "../../engine/resolve.ts";
import { capture } from "../child.ts";
import { withAdvice } from "../doctor/pulumi-stack.ts";
import { parseDigest } from "../preview/digest.ts";
import { maskText, secretsOf } from "../preview/mask.ts";
import type { Drift } from "./describe.ts";

export interface FindDriftOptions {
  readonly engine: Engine;
  /** Of the project. */
  readonly cwd: string;
  /** With the engine and what the stack needs. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/**
 * Compares what the account has with what the state says, and changes neither.
 * @returns what a refresh would change in the state: `before` is the state's, `after` the account's
 * @throws Error with what the CLI says
 */
export async function findDrift(
  stack: string,
  { engine, cwd, env, signal }: FindDriftOptions,
): Promise<Pick<Drift, "resources" | "isDeployed">> {
  const args = ["refresh", "--preview-only", "--json", "--stack", stack, "--non-interactive"];
  const { code, stdout, stderr } = await capture(engine.command, args, {
    cwd,
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    ...(signal === undefined ? {} : { signal }),
  });
  const secrets = secretsOf(env);
  if (code === 0) {
    const { resources, errors } = parseDigest(stdout, { secrets });
    if (errors.length === 0) return { resources, isDeployed: /WorkersScript::/.test(stdout) };
    throw new Error(failure(stack, errors.join("\n")));
  }
  throw new Error(failure(stack, maskText(reasonIn(stdout, stderr, secrets), { secrets })));
}

/** With `--json` the engine's own errors are on standard output. */
function reasonIn(stdout: string, stderr: string, secrets: readonly string[]): string {
  const isJson = stdout.trimStart().startsWith("{");
  const errors = isJson ? parseDigest(stdout, { secrets }).errors : [];
  return errors.length > 0 ? errors.join("\n") : stderr.trim() || stdout.trim();
}

function failure(stack: string, reason: string): string {
  return `What stack '${stack}' has in the account cannot be compared with its state:\n${withAdvice(stack, reason)}`;
}

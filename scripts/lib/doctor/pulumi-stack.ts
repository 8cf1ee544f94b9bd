import { capture } from "../child.ts";
import { ok, problem, type Finding } from "./finding.ts";

const CHECK = "stack";
const UNKNOWN_ADVICE = "put that right, and run this again";

/** How the CLI is run for the stack. */
export interface PulumiRun {
  readonly command: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

export interface FoundStack {
  readonly finding: Finding;
  /** Whether the backend has the stack; undefined when it could not be asked. */
  readonly isThere: boolean | undefined;
  /** Whether the state has a script of this stack's. */
  readonly isDeployed: boolean;
}

/** Whether the backend can be read and has the stack. */
export async function findStack(stack: string, run: PulumiRun): Promise<FoundStack> {
  const args = ["stack", "output", "--json", "--non-interactive", "--stack", stack];
  const { code, stdout, stderr } = await pulumi(args, run);
  if (code === 0) {
    const isDeployed = scriptIn(stdout);
    const state = isDeployed ? "deployed before" : "not deployed yet, or its last update failed";
    return { finding: ok(CHECK, `${stack} exists, ${state}`), isThere: true, isDeployed };
  }
  const reason = lastLine(stderr) || lastLine(stdout);
  const isThere = isMissing(reason) ? false : undefined;
  return { finding: explain(stack, reason), isThere, isDeployed: false };
}

/** Decrypts one value of the stack's config; null with the CLI's reason when it cannot. */
export async function readSecret(
  stack: string,
  key: string,
  run: PulumiRun,
): Promise<{ value: string } | { reason: string }> {
  const args = ["config", "get", key, "--non-interactive", "--stack", stack];
  const { code, stdout, stderr } = await pulumi(args, run);
  return code === 0 ? { value: stdout.trim() } : { reason: lastLine(stderr) };
}

function pulumi(args: readonly string[], { command, ...options }: PulumiRun) {
  return capture(command, args, options);
}

function isMissing(reason: string): boolean {
  return /no stack named/.test(reason);
}

/** What the CLI said, with what to do about it where that is known. */
export function withAdvice(stack: string, said: string): string {
  const { advice = "" } = explain(stack, said);
  return advice === UNKNOWN_ADVICE ? said : `${said}\n${advice}`;
}

function explain(stack: string, reason: string): Finding {
  if (isMissing(reason)) {
    const init = `npm run pulumi -- stack init ${stack}`;
    return problem(CHECK, `the backend has no stack '${stack}'`, `make it: ${init}`);
  }
  if (/passphrase must be set|incorrect passphrase/.test(reason)) {
    return problem(
      CHECK,
      `the stack's secrets cannot be read: ${reason}`,
      "set the passphrase that the stack was made with: export PULUMI_CONFIG_PASSPHRASE=…",
    );
  }
  if (/PULUMI_ACCESS_TOKEN|pulumi login|not.*logged in/i.test(reason)) {
    return problem(
      CHECK,
      `Pulumi is not logged in to where the state is kept: ${reason}`,
      "npm run pulumi -- login (Pulumi Cloud), or for instance: npm run pulumi -- login s3://<bucket>",
    );
  }
  return problem(CHECK, `pulumi stack output failed: ${reason}`, UNKNOWN_ADVICE);
}

function scriptIn(text: string): boolean {
  const outputs: unknown = JSON.parse(text);
  return typeof outputs === "object" && outputs !== null && "scriptName" in outputs;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}

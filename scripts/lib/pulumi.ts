import type { StdioOptions } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../engine/resolve.ts";
import { capture, runGracefully } from "./child.ts";
import { localEnvironment } from "./environment.ts";
import { readTextIfPresent } from "./files.ts";
import type { Interruption } from "./interruption.ts";
import { readStackOutputs } from "./outputs.ts";
import { LOCAL_STACK, PROJECT_NAME, type Project } from "./project.ts";
import type { LocalProvider } from "./provider.ts";
import { wordsOf } from "./selected-stack.ts";

/** All that a Pulumi command on stack `local` needs. */
export interface LocalPulumi {
  project: Project;
  engine: Engine;
  provider: Pick<LocalProvider, "port">;
}

export interface PulumiOptions {
  /** @default inherited */
  stdio?: StdioOptions;
  interruption?: Interruption;
}

/** Commands that take `--config-file`, by all their names. */
const WITH_CONFIG_FILE: ReadonlySet<string> = new Set(
  "up update preview pre refresh destroy down dn import watch logs".split(" "),
);

/** Commands that reach the resources themselves, by all their names. */
const WITH_CLOUD: ReadonlySet<string> = new Set(
  "up update preview pre refresh destroy down dn import watch".split(" "),
);

/** What removes a stack, by all its names under `stack`. */
const REMOVING: ReadonlySet<string> = new Set("rm remove delete".split(" "));

/** Whether a command works only while the local cloud runs. */
export function needsCloud(args: readonly string[]): boolean {
  const [command] = wordsOf(args);
  return !asksForHelp(args) && command !== undefined && WITH_CLOUD.has(command);
}

/** Adds the config of this machine's stack to commands that read one. */
export function withConfigFile(args: readonly string[], project: Project): string[] {
  const [command] = wordsOf(args);
  const isGiven = args.some((argument) => /^--config-file(=|$)/.test(argument));
  if (command === undefined || !WITH_CONFIG_FILE.has(command) || isGiven) return [...args];
  const at = args.indexOf(command) + 1;
  return [...args.slice(0, at), "--config-file", project.configFile, ...args.slice(at)];
}

/**
 * Makes `stack rm` leave Pulumi.local.yaml alone, which is tracked and not made anew.
 * @throws Error for `stack rename`, which would move that file and the stack out of reach
 */
export function withTrackedConfigKept(args: readonly string[]): string[] {
  const [first, command = ""] = wordsOf(args);
  if (first !== "stack" || asksForHelp(args)) return [...args];
  if (command === "rename") {
    throw new Error(
      `Stack ${LOCAL_STACK} keeps its name: npm run local runs the stack of this name, and ` +
        `Pulumi.${LOCAL_STACK}.yaml is tracked. Make another stack with: npm run pulumi -- stack init <name>`,
    );
  }
  const isGiven = args.some((argument) => /^--preserve-config(=|$)/.test(argument));
  if (!REMOVING.has(command) || isGiven) return [...args];
  const at = args.indexOf(command) + 1;
  return [...args.slice(0, at), "--preserve-config", ...args.slice(at)];
}

/**
 * Runs the CLI on stack `local`. The caller names the stack in the arguments.
 * @returns its exit code
 */
export function runPulumi(
  { project, engine, provider }: LocalPulumi,
  args: readonly string[],
  options: PulumiOptions = {},
): Promise<number> {
  return runGracefully(engine.command, withConfigFile(args, project), {
    cwd: project.root,
    env: localEnvironment(project, engine, { providerPort: provider.port }),
    ...options,
  });
}

/** Makes stack `local` in the file backend unless it is there; its config must have been written. */
export async function ensureStack(local: LocalPulumi, signal?: AbortSignal): Promise<void> {
  const { project, engine } = local;
  if ((await readTextIfPresent(checkpointFile(project))) !== null) return;
  await mkdir(project.backendDir, { recursive: true });
  const args = ["stack", "init", LOCAL_STACK, "--no-select", "--non-interactive"];
  // In a folder of its own: the CLI writes the passphrase's salt beside the Pulumi.yaml it finds.
  const { code, stdout, stderr } = await capture(engine.command, args, {
    cwd: project.stackDir,
    env: localEnvironment(project, engine, { providerPort: null }),
    ...(signal === undefined ? {} : { signal }),
  });
  signal?.throwIfAborted();
  if (code !== 0) throw new Error(`pulumi stack init failed:\n${stderr.trim() || stdout.trim()}`);
}

/**
 * The stack's outputs.
 * @throws Error with what the CLI says
 */
export function readOutputs(local: LocalPulumi): Promise<Readonly<Record<string, unknown>>> {
  const { project, engine } = local;
  return readStackOutputs(engine, LOCAL_STACK, {
    cwd: project.root,
    env: localEnvironment(project, engine, { providerPort: null }),
  });
}

function asksForHelp(args: readonly string[]): boolean {
  return args.some((argument) => argument === "--help" || argument === "-h");
}

/** Where the file backend keeps the state of stack `local`. */
export function checkpointFile(project: Project): string {
  return join(project.backendDir, ".pulumi/stacks", PROJECT_NAME, `${LOCAL_STACK}.json`);
}

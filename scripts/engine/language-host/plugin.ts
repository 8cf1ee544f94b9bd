import { spawn } from "node:child_process";
import { locateInPackage } from "./program.ts";

/** A plugin written for Node, such as a policy pack, that the engine wants to run. */
export interface PluginRun {
  /** As the engine calls it: `analyzer` for a policy pack. */
  readonly kind: string;
  /** Where the plugin's package is, and it runs: a policy pack reads its version from there. */
  readonly programDir: string;
  /** First the engine's address. */
  readonly args: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
}

export interface PluginOutput {
  readonly stdout: (chunk: Buffer) => void;
  readonly stderr: (chunk: Buffer) => void;
}

/** The module of the SDK that serves each kind of plugin. */
const RUNNERS: { readonly [kind: string]: string } = {
  analyzer: "@pulumi/pulumi/cmd/run-policy-pack",
};

/**
 * Runs a plugin until the engine gives it up.
 * @returns its exit code
 * @throws Error when the kind is none that is supported, or the SDK is not installed
 */
export function runPlugin(
  { kind, programDir, args, env }: PluginRun,
  output: PluginOutput,
  signal: AbortSignal,
): Promise<number> {
  const runner = RUNNERS[kind];
  if (runner === undefined) {
    throw new Error(
      `This language host runs no plugins of the kind '${kind}', only policy packs; use the official Pulumi CLI.`,
    );
  }
  const child = spawn(
    process.execPath,
    [locateInPackage(runner, programDir), ...args, programDir],
    {
      cwd: programDir,
      env: { ...process.env, ...parseEnvironment(env) },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  child.stdout.on("data", output.stdout);
  child.stderr.on("data", output.stderr);
  // It has nothing to save: policies only look.
  const stop = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  return new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  }).finally(() => signal.removeEventListener("abort", stop));
}

function parseEnvironment(env: readonly string[]): Record<string, string> {
  const pairs = env.map((entry) => /^([^=]+)=(.*)$/s.exec(entry));
  return Object.fromEntries(
    pairs.flatMap((match) => (match === null ? [] : [[match[1] ?? "", match[2] ?? ""]])),
  );
}

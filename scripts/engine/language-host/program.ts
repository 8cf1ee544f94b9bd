import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseOptions, type NodeOptions } from "./options.ts";

/** The SDK ends a program with it after it has shown the user what is wrong. */
const EXIT_ALREADY_SHOWN = 32;

/** From SIGINT to SIGKILL, as the official host. */
const GRACE_MS = 5_000;

/** What the engine asks of one run of a program. */
export interface ProgramRun {
  engineAddress: string;
  monitorAddress: string;
  organization: string;
  project: string;
  stack: string;
  rootDir: string;
  programDir: string;
  /** A file relative to the program's folder, or `.` for what its package.json names. */
  entryPoint: string;
  args: readonly string[];
  config: Readonly<Record<string, string>>;
  secretKeys: readonly string[];
  isPreview: boolean;
  parallel: number;
  /** `runtime.options` of Pulumi.yaml. */
  options: Readonly<Record<string, unknown>>;
}

export type ProgramEnd =
  | { outcome: "done" }
  /** The user has seen the reason. */
  | { outcome: "bail" }
  | { outcome: "error"; message: string };

/**
 * Runs a program with the Node that runs this host. What it prints goes to our own output, from where
 * the engine shows it.
 */
export async function runProgram(run: ProgramRun, signal: AbortSignal): Promise<ProgramEnd> {
  let child: ChildProcess;
  try {
    const options = parseOptions(run.options);
    const args = [...options.nodeArgs, locateRunner(run.programDir), ...runnerArguments(run)];
    child = spawn(process.execPath, args, {
      cwd: run.programDir,
      env: { ...process.env, ...runnerEnvironment(run, options) },
      stdio: ["ignore", "inherit", "inherit"],
    });
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
  const stop = (): void => {
    child.kill("SIGINT");
    setTimeout(() => child.kill("SIGKILL"), GRACE_MS).unref();
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  return await new Promise<ProgramEnd>((resolve) => {
    child.once("error", (error) => {
      resolve(failed(`Problem executing program (could not run node): ${error.message}`));
    });
    child.once("close", (code, killedBy) => resolve(endOf(code, killedBy)));
  }).finally(() => signal.removeEventListener("abort", stop));
}

/** The SDK's own runner, as the program resolves it; PULUMI_LANGUAGE_NODEJS_RUN_PATH names another. */
function locateRunner(programDir: string): string {
  const runner = process.env["PULUMI_LANGUAGE_NODEJS_RUN_PATH"] ?? "@pulumi/pulumi/cmd/run";
  return locateInPackage(runner, programDir);
}

/**
 * A module, as code in a folder resolves it.
 * @throws Error that says how to install the SDK
 */
export function locateInPackage(module: string, folder: string): string {
  try {
    return createRequire(join(folder, "noop.js")).resolve(module);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") {
      throw new Error(`The Pulumi SDK is not installed: ${folder} has no ${module}. Run npm ci.`, {
        cause: error,
      });
    }
    throw error;
  }
}

/** Empty values are left out: the runner takes a flag without a value for the next one's. */
export function runnerArguments(run: ProgramRun): string[] {
  const flags: [name: string, value: string][] = [
    ["monitor", run.monitorAddress],
    ["engine", run.engineAddress],
    ["organization", run.organization],
    ["project", run.project],
    ["root-directory", run.rootDir],
    ["stack", run.stack],
    ["pwd", run.programDir],
    ["parallel", String(run.parallel)],
  ];
  return [
    ...flags.filter(([, value]) => value !== "").flatMap(([name, value]) => [`--${name}`, value]),
    ...(run.isPreview ? ["--dry-run"] : []),
    run.entryPoint || ".",
    ...run.args,
  ];
}

function runnerEnvironment(run: ProgramRun, options: NodeOptions): Record<string, string> {
  return {
    PULUMI_CONFIG: JSON.stringify(run.config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(run.secretKeys),
    ...(options.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(options.tsconfig === null ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
  };
}

function endOf(code: number | null, killedBy: NodeJS.Signals | null): ProgramEnd {
  if (code === 0) return { outcome: "done" };
  if (code === EXIT_ALREADY_SHOWN) return { outcome: "bail" };
  if (code !== null) return failed(`Program exited with non-zero exit code: ${code}`);
  const hint = killedBy === "SIGABRT" ? " (node may have run out of memory)" : "";
  return failed(`Program was ended by ${killedBy ?? "a signal"}${hint}`);
}

function failed(message: string): ProgramEnd {
  return { outcome: "error", message };
}

import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { constants } from "node:os";
import type { Interruption } from "./interruption.ts";

export interface CaptureOptions {
  cwd?: string;
  /** @default the environment of this process */
  env?: NodeJS.ProcessEnv;
  /** Ends the process with SIGTERM. */
  signal?: AbortSignal;
  /** @default no limit */
  timeoutMs?: number;
}

export interface Captured {
  /** As a shell reports it: 128 + the signal's number for a process that a signal ended. */
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command and keeps what it prints. Throws only when it cannot be started. */
export function capture(
  command: string,
  args: readonly string[],
  options: CaptureOptions = {},
): Promise<Captured> {
  const { cwd, env, signal, timeoutMs } = options;
  const limits = [signal, timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)];
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const release = onAnyAbort(limits, () => child.kill("SIGTERM"));
  return ended(child)
    .then((code) => ({ code, stdout, stderr }))
    .finally(release);
}

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** @default inherited */
  stdio?: StdioOptions;
  /** Passed on as SIGINT, then as SIGINT again, then as SIGKILL. */
  interruption?: Interruption;
}

/**
 * Runs a command that answers Ctrl-C itself, such as `pulumi up`, which then finishes the step it is
 * in. The child gets a process group of its own, so that a terminal's Ctrl-C reaches it once, through
 * `interruption`: a second SIGINT would make it drop the step.
 * @returns its exit code, see `Captured.code`
 */
export async function runGracefully(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<number> {
  const { cwd, env, stdio = "inherit", interruption } = options;
  const child = spawn(command, args, { cwd, env, stdio, detached: true });
  const releases = [
    interruption?.onEach((count) => child.kill(count > 2 ? "SIGKILL" : "SIGINT")),
    killWithParent(child),
  ];
  try {
    return await ended(child);
  } finally {
    for (const release of releases) release?.();
  }
}

/**
 * Runs a command that has the terminal to itself: it may ask questions, and the terminal's Ctrl-C is
 * its to answer, which the terminal sends to it as well. Other signals are passed on.
 * @returns its exit code, see `Captured.code`
 */
export async function runWithTerminal(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  const child = spawn(command, args, { ...options, stdio: "inherit" });
  const pass = (signal: NodeJS.Signals): void => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  process.on("SIGINT", pass).on("SIGTERM", pass).on("SIGHUP", pass);
  try {
    return await ended(child);
  } finally {
    process.off("SIGINT", pass).off("SIGTERM", pass).off("SIGHUP", pass);
  }
}

/** Resolves when the process has ended and its output has been read. */
export function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** Without this, an uncaught error here would leave a child in its own group running. */
function killWithParent(child: ChildProcess): () => void {
  const kill = (): void => void child.kill("SIGINT");
  process.once("exit", kill);
  return () => void process.off("exit", kill);
}

function onAnyAbort(signals: (AbortSignal | undefined)[], act: () => void): () => void {
  for (const signal of signals) {
    if (signal?.aborted === true) act();
    signal?.addEventListener("abort", act, { once: true });
  }
  return () => {
    for (const signal of signals) signal?.removeEventListener("abort", act);
  };
}

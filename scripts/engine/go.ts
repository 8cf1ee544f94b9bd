import { spawn, type ChildProcess, type ChildProcessByStdio } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { ended } from "../lib/child.ts";

/** How often progress is shown. */
const TICK_MS = 1_000;

/** Time for Go to end after an interrupt. */
const GRACE_MS = 5_000;

/** Of what Go says when it fails, what fits on a screen. */
const KEPT_LINES = 12;

export interface GoOptions {
  /** The folder of the Go module. */
  cwd: string;
  /** For what go writes while it works. */
  workDir: string;
  signal?: AbortSignal;
  /** Receives what Go says on standard error; true when the line is progress, not trouble. */
  onLine: (line: string) => boolean;
  onTick: () => void;
}

/** Go ended with an error; the message holds its last words. */
export class GoFailure extends Error {
  override name = "GoFailure";
}

/**
 * Runs a go command on the pinned module.
 * @returns what it prints on standard output
 * @throws GoFailure
 */
export async function runGo(
  go: string,
  args: readonly string[],
  options: GoOptions,
): Promise<string> {
  const { signal } = options;
  signal?.throwIfAborted();
  const child = startGo(go, args, options);
  const release = endWith(child, signal);
  const ticker = setInterval(options.onTick, TICK_MS);
  try {
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    const trouble = collectTrouble(child.stderr, options.onLine);
    const code = await ended(child);
    signal?.throwIfAborted();
    if (code === 0) return output;
    throw new GoFailure(`go ${args[0]} failed (exit code ${code}):\n${trouble().join("\n")}`);
  } finally {
    clearInterval(ticker);
    release();
  }
}

/** In a process group of its own: an interrupt must reach the compilers that go runs, too. */
function startGo(
  go: string,
  args: readonly string[],
  { cwd, workDir }: GoOptions,
): ChildProcessByStdio<null, Readable, Readable> {
  const env = {
    ...process.env,
    CGO_ENABLED: "0",
    GOFLAGS: "-mod=readonly",
    GOWORK: "off",
    GOTMPDIR: workDir,
  };
  return spawn(go, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
}

/** Ends the child's process group on the signal, and with this process. */
function endWith(child: ChildProcess, signal: AbortSignal | undefined): () => void {
  const kill = (name: NodeJS.Signals): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid, name);
  };
  const stop = (): void => {
    kill("SIGINT");
    setTimeout(() => kill("SIGKILL"), GRACE_MS).unref();
  };
  const onExit = (): void => kill("SIGKILL");
  signal?.addEventListener("abort", stop, { once: true });
  process.once("exit", onExit);
  return () => {
    process.off("exit", onExit);
    signal?.removeEventListener("abort", stop);
  };
}

function collectTrouble(
  stream: NodeJS.ReadableStream,
  onLine: (line: string) => boolean,
): () => string[] {
  const kept: string[] = [];
  createInterface({ input: stream }).on("line", (line) => {
    if (onLine(line)) return;
    kept.push(`    ${line}`);
    if (kept.length > KEPT_LINES) kept.shift();
  });
  return () => kept;
}

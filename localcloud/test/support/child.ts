import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

/** The local cloud's command line in a process of its own. */
export interface Child {
  process: ChildProcess;
  apiUrl: string;
  edgeUrl: string;
  /** Resolves with `code` or the signal that ended it. */
  ended: Promise<number | string>;
}

/** Starts it on free ports and waits until it has said where it is. */
export async function startChild(dir: string, args: string[] = []): Promise<Child> {
  const ports = ["--port", "0", "--edge-port", "0"];
  const { child, ended } = spawnCli(["start", "--dir", dir, ...ports, ...args]);
  let output = "";
  for await (const chunk of child.stdout ?? []) {
    output += String(chunk);
    const [, apiUrl, edgeUrl] = /^API +(\S+)\nEdge +(\S+)\n[^]*ACCOUNT_ID/.exec(output) ?? [];
    if (apiUrl !== undefined && edgeUrl !== undefined)
      return { process: child, apiUrl, edgeUrl, ended };
  }
  throw new Error(`It ended with ${await ended} and said: ${output}`);
}

/** Runs it to its end. */
export async function runCli(
  args: string[],
): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const { child, ended } = spawnCli(args);
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += String(chunk);
  });
  child.stderr?.on("data", (chunk) => {
    stderr += String(chunk);
  });
  return { code: await ended, stdout, stderr };
}

function spawnCli(args: string[]): { child: ChildProcess; ended: Promise<number | string> } {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close").then(
    ([code, signal]: (number | string | null)[]) => signal ?? code ?? -1,
  );
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, ended };
}

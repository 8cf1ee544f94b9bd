import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

/** The local cloud's command line in a process of its own. */
export interface CloudProcess {
  process: ChildProcess;
  apiUrl: string;
  edgeUrl: string;
  /** Resolves with the exit code, or with the signal that ended it. */
  ended: Promise<number | string>;
  /** What it wrote to standard error so far: nothing, unless something is wrong. */
  stderr(): string;
}

export interface SpawnedCli {
  child: ChildProcess;
  ended: Promise<number | string>;
}

export function spawnCli(args: readonly string[]): SpawnedCli {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close").then(
    ([code, signal]: (number | string | null)[]) => signal ?? code ?? -1,
  );
  return { child, ended };
}

/**
 * Starts it on free ports and waits until it has said where it is.
 * @throws when it ends before, with what it said
 */
export async function startProcess(
  dir: string,
  args: readonly string[] = [],
  onSpawn: (spawned: SpawnedCli) => void = () => undefined,
): Promise<CloudProcess> {
  const ports = ["--port", "0", "--edge-port", "0"];
  const spawned = spawnCli(["start", "--persist", dir, ...ports, ...args]);
  onSpawn(spawned);
  const { child, ended } = spawned;
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += String(chunk);
  });
  let output = "";
  for await (const chunk of child.stdout ?? []) {
    output += String(chunk);
    const [, apiUrl, edgeUrl] = /^API +(\S+)\nEdge +(\S+)\n[^]*ACCOUNT_ID/.exec(output) ?? [];
    if (apiUrl !== undefined && edgeUrl !== undefined)
      return { process: child, apiUrl, edgeUrl, ended, stderr: () => stderr };
  }
  throw new Error(`It ended with ${await ended} and said: ${output}${stderr}`);
}

import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { onTestFinished } from "vitest";
import { runCommandLine } from "../../src/cli/main.ts";
import {
  type CloudProcess,
  type SpawnedCli,
  spawnCli,
  startProcess,
} from "../../trials/lib/cloud-process.ts";

/** Starts the local cloud in a process of its own, on free ports. */
export function startChild(dir: string, args: string[] = []): Promise<CloudProcess> {
  return startProcess(dir, args, endWithTest);
}

/** Runs a command line to its end, in this process. */
export async function runCli(
  args: string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: "", stderr: "" };
  const code = await runCommandLine(args, {
    stdout: (text) => {
      said.stdout += `${text}\n`;
    },
    stderr: (text) => {
      said.stderr += `${text}\n`;
    },
  });
  return { code, ...said };
}

/** Starts it and reads what it says, a line at a time. */
export function followCli(args: string[]): {
  line: () => Promise<string>;
  ended: Promise<number | string>;
} {
  const spawned = spawnCli(args);
  endWithTest(spawned);
  const { child, ended } = spawned;
  const lines = createInterface({ input: child.stdout ?? Readable.from([]) })[
    Symbol.asyncIterator
  ]();
  return { line: async () => String((await lines.next()).value), ended };
}

function endWithTest({ child, ended }: SpawnedCli): void {
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
}

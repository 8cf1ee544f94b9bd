import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { runCommandLine } from "../../src/cli/main.ts";

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
  const { child, ended } = spawnCli(["start", "--persist", dir, ...ports, ...args]);
  let output = "";
  for await (const chunk of child.stdout ?? []) {
    output += String(chunk);
    const [, apiUrl, edgeUrl] = /^API +(\S+)\nEdge +(\S+)\n[^]*ACCOUNT_ID/.exec(output) ?? [];
    if (apiUrl !== undefined && edgeUrl !== undefined)
      return { process: child, apiUrl, edgeUrl, ended };
  }
  throw new Error(`It ended with ${await ended} and said: ${output}`);
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
  const { child, ended } = spawnCli(args);
  const lines = createInterface({ input: child.stdout ?? Readable.from([]) })[
    Symbol.asyncIterator
  ]();
  return { line: async () => String((await lines.next()).value), ended };
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

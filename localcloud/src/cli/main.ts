import { createRequire } from "node:module";
import { isRecord, messageOf } from "../lib/unknown.ts";
import { UsageError } from "./arguments.ts";
import type { Command, Print } from "./command.ts";
import { faults } from "./faults.ts";
import { env, reset, status } from "./inspect.ts";
import { logs } from "./logs.ts";
import { start } from "./start.ts";

const COMMANDS: Readonly<Record<string, Command>> = { start, status, logs, reset, env, faults };

const USAGE = `Usage: localcloud <command> [options]

A Cloudflare account on this machine: the deploy API and the edge that serves what was deployed.

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`)
  .join("\n")}

localcloud <command> --help tells more, and localcloud --version which one it is. Exit codes: 0 done, 1 failed, 2 a command line that is wrong.`;

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

export interface Streams {
  stdout: Print;
  stderr: Print;
}

/** Runs a command line; returns the exit code. */
export async function runCommandLine(
  args: readonly string[],
  { stdout, stderr }: Streams,
): Promise<number> {
  try {
    await run(args, stdout);
    return 0;
  } catch (error) {
    stderr(`localcloud: ${messageOf(error)}`);
    return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
  }
}

async function run(args: readonly string[], print: Print): Promise<void> {
  const [name = "", ...rest] = args;
  if (name === "--version" || name === "-v") return print(version());
  if (name === "--help" || name === "-h") return print(USAGE);
  if (name === "help") return await run([...rest.slice(0, 1), "--help"], print);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const known = Object.keys(COMMANDS).join(", ");
    throw new UsageError(
      name === "" ? USAGE : `localcloud has no command '${name}'; it has ${known}.`,
    );
  }
  if (rest.includes("--help") || rest.includes("-h")) print(command.usage);
  else await command.run(rest, print);
}

/** The package's, which knows itself by its name wherever it is installed. */
function version(): string {
  const manifest: unknown = createRequire(import.meta.url)(
    "@visitor-tracker/localcloud/package.json",
  );
  return isRecord(manifest) ? String(manifest["version"]) : "";
}

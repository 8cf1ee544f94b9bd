import type { Engine } from "../engine/resolve.ts";
import { capture } from "./child.ts";

/** The outputs of the program that its users need. */
export interface DeployedStack {
  /** Base URL, without a final slash. */
  url: string;
  /** Where clients open their WebSockets. */
  wsUrl: string;
  /** Every output. */
  all: Readonly<Record<string, unknown>>;
}

/**
 * Asks the CLI for the outputs of a stack.
 * @param options where the project is, and the environment that goes with the stack
 * @throws Error with what the CLI says
 */
export async function readStackOutputs(
  engine: Engine,
  stack: string,
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Readonly<Record<string, unknown>>> {
  const args = ["stack", "output", "--json", "--stack", stack];
  const { code, stdout, stderr } = await capture(engine.command, args, options);
  const outputs: unknown = code === 0 ? JSON.parse(stdout) : null;
  if (typeof outputs === "object" && outputs !== null) return { ...outputs };
  throw new Error(`pulumi stack output failed:\n${stderr.trim() || stdout.trim()}`);
}

/** @throws Error that names the output which is missing */
export function parseOutputs(all: Readonly<Record<string, unknown>>): DeployedStack {
  return { url: readUrl(all, "url"), wsUrl: readUrl(all, "wsUrl"), all };
}

function readUrl(all: Readonly<Record<string, unknown>>, name: string): string {
  const value = all[name];
  if (typeof value === "string" && URL.canParse(value)) return value;
  throw new Error(
    `The stack's output ${name} is ${JSON.stringify(value) ?? "missing"}, not a URL; give the stack ` +
      "one address of its own: a route on one host, a custom domain or workersDev.",
  );
}

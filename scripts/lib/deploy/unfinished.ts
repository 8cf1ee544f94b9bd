import { isRecord } from "../../../infra/src/is-record.ts";
import type { Engine } from "../../engine/resolve.ts";
import { capture } from "../child.ts";

/** Where the project is, and the environment that goes with the stack. */
interface Run {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * What the last update of a stack left undone, for people; empty when it ended well, or when the CLI
 * does not tell: the update then says so itself.
 */
export async function readUnfinished(
  engine: Pick<Engine, "command">,
  stack: string,
  run: Run,
): Promise<string[]> {
  const ask = async (...args: string[]): Promise<unknown> => {
    const { code, stdout } = await capture(engine.command, [...args, "--stack", stack], run);
    return code === 0 ? parseJson(stdout) : null;
  };
  const [state, history] = await Promise.all([
    ask("stack", "export"),
    ask("stack", "history", "--json", "--page-size", "1"),
  ]);
  return [...pendingOf(state), ...failureOf(history)];
}

/** Steps that an update had begun when its process was killed. */
function pendingOf(state: unknown): string[] {
  const deployment = isRecord(state) ? state["deployment"] : undefined;
  const pending = isRecord(deployment) ? deployment["pending_operations"] : undefined;
  return (Array.isArray(pending) ? pending.filter(isRecord) : []).map(({ type, resource }) => {
    const kind = isRecord(resource) ? String(resource["type"]).split(":").at(-1) : "a resource";
    return `was interrupted while ${String(type)} ${kind}`;
  });
}

/** The newest update is listed first. */
function failureOf(history: unknown): string[] {
  const last: unknown = Array.isArray(history) ? history[0] : undefined;
  if (!isRecord(last) || last["result"] !== "failed") return [];
  return [`failed (${String(last["kind"])}, ${String(last["startTime"])})`];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../engine/resolve.ts";
import { runWithTerminal } from "../child.ts";
import type { Reporter } from "../reporter.ts";
import { planAgain, readPlan, readStateHash } from "./plan.ts";
import { readUnfinished } from "./unfinished.ts";

export interface UpdateOptions {
  readonly reporter: Reporter;
  /** Update without asking. */
  readonly yes: boolean;
  /** File of a saved plan: nothing is done that is not in it. @default what the code and config say */
  readonly plan?: string | undefined;
}

/**
 * `pulumi up`, by a saved plan if there is one.
 * @returns the engine's exit code, or 1 for a plan that does not hold any more
 */
export async function update(
  stack: string,
  engine: Engine,
  run: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  { plan: file, ...options }: UpdateOptions,
): Promise<number> {
  const { reporter, yes } = options;
  const up = ["up", "--stack", stack, ...(yes ? ["--yes"] : [])];
  if (file === undefined) {
    const code = await settle(stack, engine, run, options);
    return code === 0 ? runWithTerminal(engine.command, up, run) : code;
  }
  const saved = await readPlan(file, stack);
  if ((await readStateHash(engine, stack, run)) !== saved.stateHash) {
    reporter.line(
      `Nothing was changed: something ran on stack '${stack}' since the plan was made, so what was previewed is not what would happen. ${planAgain(stack)}`,
    );
    return 1;
  }
  const folder = await mkdtemp(join(tmpdir(), "visitor-tracker-plan-"));
  try {
    const plan = join(folder, "plan.json");
    await writeFile(plan, JSON.stringify(saved.plan));
    const code = await runWithTerminal(engine.command, [...up, "--plan", plan], run);
    if (code !== 0) {
      reporter.line(
        `Where it says 'violates plan', this checkout or the account is not what was previewed; below 'Previewing update', nothing was changed yet. ${planAgain(stack)}`,
      );
    }
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Refreshes the state when the last update did not end well: what the account did then, and did not
 * confirm, is not in it. Steps that were cut off are dropped from it; the update takes up what is there.
 * @returns the engine's exit code
 */
async function settle(
  stack: string,
  engine: Engine,
  run: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  { reporter, yes }: UpdateOptions,
): Promise<number> {
  const unfinished = await readUnfinished(engine, stack, run);
  if (unfinished.length === 0) return 0;
  reporter.line(`the last update of stack ${stack} ${unfinished.join(", ")}: refreshing its state`);
  const refresh = ["refresh", "--clear-pending-creates", "--stack", stack];
  return await runWithTerminal(engine.command, [...refresh, ...(yes ? ["--yes"] : [])], run);
}

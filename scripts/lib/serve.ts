import { messageOf } from "./files.ts";
import type { Interruption } from "./interruption.ts";
import { watchCount } from "./live-count.ts";
import type { LocalSession } from "./local-session.ts";
import { parseOutputs, type DeployedStack } from "./outputs.ts";
import type { Reporter } from "./reporter.ts";
import { watchSources } from "./watch.ts";

export interface ServeOptions {
  reporter: Reporter;
  interruption: Interruption;
  /** Deploy again when a source changes. */
  watch: boolean;
  /** Called once, when the stack is deployed. */
  onReady: (stack: DeployedStack) => void;
}

/**
 * Shows the live count, and deploys again on changes if asked to, until interrupted.
 * @param isDeployed false to wait for a change that makes the first deployment succeed
 */
export async function serve(
  session: LocalSession,
  isDeployed: boolean,
  options: ServeOptions,
): Promise<void> {
  const { reporter, interruption, watch, onReady } = options;
  const counts: { close(): void }[] = [];
  const onCount = (visitors: number | null): void =>
    reporter.status(describe(visitors), { quietMs: 0 });
  const showCount = async (): Promise<void> => {
    if (counts.length > 0) return;
    const stack = parseOutputs(await session.outputs());
    onReady(stack);
    counts.push(watchCount(stack.wsUrl, `${stack.url}/`, { onCount }));
  };
  if (isDeployed) await showCount();
  const redeployer = watch ? redeployOnChange(session, showCount, options) : null;
  try {
    await interrupted(interruption);
  } finally {
    for (const count of counts) count.close();
    await redeployer?.close();
  }
}

function describe(visitors: number | null): string {
  if (visitors === null) return "  live count   connecting";
  if (visitors === 0) return "  live count   nobody is on the demo page";
  return `  live count   ${visitors} ${visitors === 1 ? "visitor is" : "visitors are"} on the demo page`;
}

/** One deployment at a time; what changes meanwhile makes one more. */
function redeployOnChange(
  session: LocalSession,
  onDeployed: () => Promise<void>,
  { reporter, interruption }: ServeOptions,
): { close(): Promise<void> } {
  let changed: string | null = null;
  let work: Promise<void> | null = null;
  const deployAll = async (): Promise<void> => {
    while (changed !== null && !interruption.signal.aborted) {
      reporter.line(`watch: ${changed} changed; deploying`);
      changed = null;
      await deployOnce(session, onDeployed, { reporter, interruption });
    }
  };
  const watcher = watchSources(session.project, (path) => {
    changed = path;
    work ??= deployAll().finally(() => (work = null));
  });
  reporter.line("watch: waiting for changes in worker/, protocol/, infra/ and the stack's config");
  return {
    async close() {
      watcher.close();
      await work;
    },
  };
}

async function deployOnce(
  session: LocalSession,
  onDeployed: () => Promise<void>,
  { reporter, interruption }: Pick<ServeOptions, "reporter" | "interruption">,
): Promise<void> {
  try {
    const code = await session.deploy(["--skip-preview"]);
    if (interruption.signal.aborted) return;
    if (code !== 0) throw new Error("the reason is above; what was deployed before keeps serving");
    await onDeployed();
    reporter.line("watch: deployed; waiting for changes");
  } catch (error) {
    reporter.line(`watch: not deployed: ${messageOf(error)}; waiting for changes`);
  }
}

function interrupted({ signal }: Interruption): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

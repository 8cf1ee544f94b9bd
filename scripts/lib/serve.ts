import type { Interruption } from "./interruption.ts";
import { watchCount } from "./live-count.ts";
import type { LocalSession } from "./local-session.ts";
import type { DeployedStack } from "./outputs.ts";
import type { Reporter } from "./reporter.ts";
import { watchSources } from "./watch.ts";

export interface ServeOptions {
  reporter: Reporter;
  interruption: Interruption;
  /** Deploy again when a source changes. */
  watch: boolean;
}

/** Shows the live count, and deploys again on changes if asked to, until interrupted. */
export async function serve(
  session: LocalSession,
  stack: DeployedStack,
  options: ServeOptions,
): Promise<void> {
  const { reporter, interruption, watch } = options;
  const count = watchCount(stack.wsUrl, `${stack.url}/`, {
    onCount: (visitors) => reporter.status(describe(visitors), { quietMs: 0 }),
  });
  const redeployer = watch ? redeployOnChange(session, reporter, interruption) : null;
  try {
    await interrupted(interruption);
  } finally {
    count.close();
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
  reporter: Reporter,
  interruption: Interruption,
): { close(): Promise<void> } {
  let changed: string | null = null;
  let work: Promise<void> | null = null;
  const deployAll = async (): Promise<void> => {
    while (changed !== null && !interruption.signal.aborted) {
      reporter.line(`watch: ${changed} changed; deploying`);
      changed = null;
      const code = await session.deploy(["--skip-preview"]);
      if (interruption.signal.aborted) return;
      reporter.line(
        code === 0
          ? "watch: deployed; waiting for changes"
          : "watch: not deployed, see above; what was deployed before keeps serving; waiting for changes",
      );
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

function interrupted({ signal }: Interruption): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

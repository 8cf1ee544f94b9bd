import { smoke } from "../smoke.ts";
import { START_OVER } from "./checkpoint.ts";
import type { Interruption } from "./interruption.ts";
import type { LocalOptions } from "./local-options.ts";
import { openSession, type LocalSession } from "./local-session.ts";
import { parseOutputs, type DeployedStack } from "./outputs.ts";
import type { Project } from "./project.ts";
import { formatDuration, type Reporter } from "./reporter.ts";
import { serve } from "./serve.ts";

interface Tools {
  reporter: Reporter;
  interruption: Interruption;
}

/**
 * Deploys stack `local` to a local cloud, and serves it until it is interrupted, or tests it once.
 * @returns exit code
 */
export async function runLocal(
  project: Project,
  options: LocalOptions,
  tools: Tools,
): Promise<number> {
  const { reporter, interruption } = tools;
  const session = await openSession(project, {
    ...tools,
    port: options.port,
    apiPort: options.apiPort,
    reset: options.reset,
    stdio: ["ignore", options.json ? 2 : "inherit", "inherit"],
  });
  try {
    const startedMs = performance.now();
    const code = await session.deploy(["--color", usesColors(options) ? "always" : "never"]);
    interruption.signal.throwIfAborted();
    const took = formatDuration(performance.now() - startedMs);
    reporter.line(
      `pulumi up: ${code === 0 ? "deployed" : `failed (exit code ${code})`} in ${took}`,
    );
    if (code !== 0) reporter.line(`If the reason is not in your changes: ${START_OVER}`);
    if (code !== 0 && !options.watch) return code;
    if (options.once) return await smokeTest(session, options, reporter);
    await serve(session, code === 0, {
      ...tools,
      watch: options.watch,
      onReady: (stack) => announce(session, stack, options, reporter),
    });
    return 0;
  } finally {
    await session.close();
    if (interruption.signal.aborted) reporter.line("stopped");
  }
}

/** Pulumi's output goes where the reporter's does. */
function usesColors({ json }: LocalOptions): boolean {
  return (json ? process.stderr : process.stdout).isTTY;
}

async function smokeTest(
  session: LocalSession,
  options: LocalOptions,
  reporter: Reporter,
): Promise<number> {
  const stack = parseOutputs(await session.outputs());
  announce(session, stack, options, reporter);
  const { failed } = await smoke(stack.url, { log: (line) => reporter.line(line) });
  return failed === 0 ? 0 : 1;
}

function announce(
  session: LocalSession,
  stack: DeployedStack,
  options: LocalOptions,
  reporter: Reporter,
): void {
  const { url, wsUrl } = stack;
  const rows: [string, string][] = [
    ["demo page", `${url}/`],
    ["health", `${url}/health`],
    ["a visitor", `npx wscat -c "${wsUrl}?page=/&userId=test-user-123"`],
    ["on a page", String(stack.all["embed"]).replaceAll("\n", `\n${" ".repeat(15)}`)],
    ["Pulumi", "npm run pulumi -- <command> --stack local"],
    ["API", session.cloud.apiUrl],
    ["account", `${new URL(session.cloud.apiUrl).origin}/ (scripts, requests, faults by button)`],
    ["state", `${session.project.stateDir} (npm run local -- --reset forgets it)`],
  ];
  reporter.line("");
  for (const [name, value] of rows) reporter.line(`  ${name.padEnd(12)} ${value}`);
  reporter.line(options.once ? "" : "  Ctrl-C stops it.\n");
  if (options.json) console.log(JSON.stringify(readyLine(session, stack)));
}

function readyLine(session: LocalSession, stack: DeployedStack): Record<string, unknown> {
  const { cloud, project } = session;
  return {
    ...stack.all,
    apiUrl: cloud.apiUrl,
    edgeUrl: cloud.edgeUrl,
    stateDir: project.stateDir,
  };
}

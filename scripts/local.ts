import { messageOf } from "./lib/files.ts";
import { InterruptedError, listenForInterrupts, type Interruption } from "./lib/interruption.ts";
import {
  LOCAL_USAGE,
  parseLocalOptions,
  UsageError,
  type LocalOptions,
} from "./lib/local-options.ts";
import { openSession, type LocalSession } from "./lib/local-session.ts";
import { parseOutputs, type DeployedStack } from "./lib/outputs.ts";
import { openProject, type Project } from "./lib/project.ts";
import { createReporter, type Reporter } from "./lib/reporter.ts";
import { serve } from "./lib/serve.ts";
import { smoke } from "./smoke.ts";

/** As a shell reports a command that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;
const EXIT_USAGE = 2;

async function main(args: readonly string[]): Promise<number> {
  const options = parseLocalOptions(args);
  if (options === "help") {
    console.log(LOCAL_USAGE);
    return 0;
  }
  const reporter = createReporter(options.json ? process.stderr : process.stdout);
  const interruption = listenForInterrupts();
  // Whoever presses Ctrl-C again and again wants out, whatever is left behind.
  interruption.onEach((count) => count > 3 && process.exit(EXIT_INTERRUPTED));
  interruption.onEach((count) => count === 1 && reporter.line("\nstopping"));
  try {
    return await run(openProject(), options, { reporter, interruption });
  } catch (error) {
    if (error instanceof InterruptedError || interruption.signal.aborted) return EXIT_INTERRUPTED;
    throw error;
  } finally {
    interruption.release();
  }
}

interface Tools {
  reporter: Reporter;
  interruption: Interruption;
}

async function run(project: Project, options: LocalOptions, tools: Tools): Promise<number> {
  const { reporter, interruption } = tools;
  const session = await openSession(project, {
    ...tools,
    port: options.port,
    apiPort: options.apiPort,
    reset: options.reset,
    stdio: ["ignore", options.json ? 2 : "inherit", "inherit"],
  });
  try {
    const code = await session.deploy(["--color", process.stdout.isTTY ? "always" : "never"]);
    interruption.signal.throwIfAborted();
    if (code !== 0 && !options.watch) {
      reporter.line(`pulumi up failed (exit code ${code}); the reason is above.`);
      return code;
    }
    const stack = parseOutputs(await session.outputs());
    interruption.signal.throwIfAborted();
    announce(session, stack, reporter);
    if (options.json) console.log(JSON.stringify(readyLine(session, stack)));
    if (options.once) return await smokeTest(stack, reporter);
    await serve(session, stack, { ...tools, watch: options.watch });
    return 0;
  } finally {
    await session.close();
    if (interruption.signal.aborted) reporter.line("stopped");
  }
}

async function smokeTest(stack: DeployedStack, reporter: Reporter): Promise<number> {
  const { failed } = await smoke(stack.url, { log: (line) => reporter.line(line) });
  return failed === 0 ? 0 : 1;
}

function announce(session: LocalSession, stack: DeployedStack, reporter: Reporter): void {
  const { url, wsUrl } = stack;
  const rows: [string, string][] = [
    ["demo page", `${url}/`],
    ["health", `${url}/health`],
    ["a visitor", `npx wscat -c "${wsUrl}?page=/&userId=test-user-123"`],
    ["Pulumi", "npm run pulumi -- <command> --stack local"],
    ["API", session.cloud.apiUrl],
    ["state", `${session.project.stateDir} (npm run local -- --reset forgets it)`],
  ];
  reporter.line("");
  for (const [name, value] of rows) reporter.line(`  ${name.padEnd(12)} ${value}`);
  reporter.line("  Ctrl-C stops it.\n");
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

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  return error instanceof UsageError ? EXIT_USAGE : 1;
});

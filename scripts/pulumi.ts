import { resolveEngine } from "./engine/resolve.ts";
import { runWithTerminal } from "./lib/child.ts";
import { localEnvironment, withEngine } from "./lib/environment.ts";
import { messageOf } from "./lib/files.ts";
import { listenForInterrupts } from "./lib/interruption.ts";
import { refuseTakenByNpm } from "./lib/options.ts";
import { LOCAL_STACK, openProject, type Project } from "./lib/project.ts";
import { openProvider } from "./lib/provider.ts";
import { clearStaleLocks } from "./lib/pulumi-locks.ts";
import { ensureStack, needsCloud, withConfigFile, withTrackedConfigKept } from "./lib/pulumi.ts";
import { createReporter } from "./lib/reporter.ts";
import { findRunning } from "./lib/running.ts";
import {
  isForLocalStack,
  isLocalStack,
  selectedStack,
  selectsStack,
} from "./lib/selected-stack.ts";
import { writeLocalConfig } from "./lib/stack-config.ts";

const reporter = createReporter(process.stderr);

/** Options of the CLI that change what is done, and that npm does not know. */
const PULUMIS = ["stack", "secret", "path", "refresh", "target", "plan"];

async function main(args: readonly string[]): Promise<number> {
  refuseTakenByNpm(PULUMIS);
  const project = openProject();
  return (await isForLocalStack(args, project))
    ? await onLocalStack(args, project)
    : await onAnotherStack(args, project);
}

/** The user's own environment, with the engine and this Node first on PATH; nothing else. */
async function onAnotherStack(args: readonly string[], project: Project): Promise<number> {
  const engine = await resolveEngine({ reporter });
  const code = await runWithTerminal(engine.command, args, {
    cwd: project.root,
    env: withEngine(engine),
  });
  const isAnotherInForce = code === 0 && selectsStack(args);
  if (isAnotherInForce && isLocalStack((await selectedStack(project)) ?? "")) {
    // The CLI keeps one selection a backend; without this, `local` would stay the one in force.
    await runWithTerminal(engine.command, ["stack", "unselect"], {
      cwd: project.root,
      env: localEnvironment(project, engine, { providerPort: null }),
    });
  }
  return code;
}

async function onLocalStack(given: readonly string[], project: Project): Promise<number> {
  const args = withTrackedConfigKept(given);
  const running = await findRunning(project);
  const cloud =
    running === null || running.apiUrl === null || running.edgeUrl === null
      ? null
      : { cloudflareBaseUrl: running.apiUrl, edgeUrl: running.edgeUrl };
  if (needsCloud(args) && cloud === null) {
    throw new Error(
      `Stack ${LOCAL_STACK} lives in the local cloud, which is not running. Start it in another ` +
        "terminal with npm run local, and run this again.",
    );
  }
  const engine = await resolveEngine({ reporter });
  const withoutProvider = { project, engine, provider: { port: null } };
  if (cloud !== null) {
    await writeLocalConfig(project, cloud);
    await ensureStack(withoutProvider);
  }
  const provider = needsCloud(args) ? await openOnTerminal(project, engine) : null;
  try {
    if (provider !== null) await clearStaleLocks(project);
    return await runWithTerminal(engine.command, withConfigFile(args, project), {
      cwd: project.root,
      env: localEnvironment(project, engine, { providerPort: provider?.port ?? null }),
    });
  } finally {
    await provider?.close();
  }
}

/** A download of the provider can be interrupted; afterwards Ctrl-C is the CLI's. */
async function openOnTerminal(
  ...[project, engine]: [Project, Parameters<typeof openProvider>[1]]
): ReturnType<typeof openProvider> {
  const interruption = listenForInterrupts();
  try {
    return await openProvider(project, engine, { reporter, interruption });
  } finally {
    interruption.release();
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  return 1;
});

import { enableCompileCache } from "node:module";
import { nodeCacheDir } from "./lib/environment.ts";
import { messageOf } from "./lib/files.ts";
import { InterruptedError, listenForInterrupts } from "./lib/interruption.ts";
import { LOCAL_USAGE, parseLocalOptions, UsageError } from "./lib/local-options.ts";
import { openProject } from "./lib/project.ts";
import { createReporter } from "./lib/reporter.ts";

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
    const project = openProject();
    // By itself, and from a cache: it is a thousand modules, and Node strips types at each start.
    enableCompileCache(nodeCacheDir(project));
    const { runLocal } = await import("./lib/local-run.ts");
    return await runLocal(project, options, { reporter, interruption });
  } catch (error) {
    if (error instanceof InterruptedError || interruption.signal.aborted) return EXIT_INTERRUPTED;
    throw error;
  } finally {
    interruption.release();
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  return error instanceof UsageError ? EXIT_USAGE : 1;
});

import { parseArgs } from "node:util";
import { messageOf } from "./lib/files.ts";
import { parsePullRequest } from "./lib/github/comment-options.ts";
import { prStackDestroy, prStackUp } from "./lib/pr-stack/pr-stack.ts";
import { openProject } from "./lib/project.ts";
import { createReporter } from "./lib/reporter.ts";

const USAGE = `npm run pr-stack -- up --pr N [--from STACK]
npm run pr-stack -- destroy --pr N

A deployment of its own for a pull request: stack pr-<N>, script visitor-tracker-pr-<N> with objects of its
own, on workers.dev.
  up       make it, or update it, from this checkout; then the smoke test
  destroy  delete it with its objects, and forget the stack; without one there is nothing to do
  --pr     number of the pull request
  --from   stack whose account, sites and settings it takes (default: staging)
Exits as npm run deploy does: 0 when what was deployed works, or is gone.`;

const EXIT_USAGE = 2;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      pr: { type: "string" },
      from: { type: "string", default: "staging" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const pr = parsePullRequest(values.pr ?? "");
  const [command, ...more] = positionals;
  const options = { project: openProject(), reporter: createReporter(process.stdout) };
  if (command === "up" && more.length === 0) {
    return await prStackUp(pr, { ...options, from: values.from });
  }
  if (command === "destroy" && more.length === 0) return await prStackDestroy(pr, options);
  throw new Error(`'${positionals.join(" ")}' is neither 'up' nor 'destroy'. --help says more.`);
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  return EXIT_USAGE;
});

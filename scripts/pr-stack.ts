import { messageOf } from "./lib/files.ts";
import { githubFromEnvironment, openGitHub } from "./lib/github/api.ts";
import { parsePullRequest } from "./lib/github/comment-options.ts";
import { listLabeled } from "./lib/github/pull-request.ts";
import { parseOptions, parseStack } from "./lib/options.ts";
import { prStackDestroy, prStackSweep, prStackUp } from "./lib/pr-stack/pr-stack.ts";
import { openProject } from "./lib/project.ts";
import { createReporter } from "./lib/reporter.ts";

const USAGE = `npm run pr-stack -- up --pr N [--from STACK] [--label LABEL]
npm run pr-stack -- destroy --pr N
npm run pr-stack -- sweep --label LABEL

A deployment of its own for a pull request: stack pr-<N>, script visitor-tracker-pr-<N> with objects of its
own, on workers.dev.
  up       make it, or update it, from this checkout; then the smoke test
  destroy  delete it with its objects, and forget the stack; without one there is nothing to do
  sweep    destroy all that are left over: of pull requests that are closed, or do not have the label
  --pr     number of the pull request
  --from   stack whose account, sites and settings it takes (default: staging)
  --label  ask GitHub first, and make nothing for a pull request that is closed or does not have this label:
           nobody would destroy it. GITHUB_TOKEN and GITHUB_REPOSITORY are in the environment then
Exits as npm run deploy does: 0 when what was deployed works, or is gone, or nothing was to be done.`;

const EXIT_USAGE = 2;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions({
    args: [...args],
    allowPositionals: true,
    options: {
      pr: { type: "string" },
      from: { type: "string", default: "staging" },
      label: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const [command, ...more] = positionals;
  const { label } = values;
  const reporter = createReporter(process.stdout);
  const options = { project: openProject(), reporter };
  if (more.length > 0 || !["up", "destroy", "sweep"].includes(command ?? "")) {
    throw new Error(
      `'${positionals.join(" ")}' is none of 'up', 'destroy' and 'sweep'. --help says more.`,
    );
  }
  if (command === "sweep") {
    if (label === undefined) throw new Error("--label is missing: which stacks are to stay.");
    return await prStackSweep(await askForLabeled(label), options);
  }
  if (values.pr === undefined) throw new Error("--pr is missing: the number of the pull request.");
  const pr = parsePullRequest(values.pr);
  if (command === "destroy") return await prStackDestroy(pr, options);
  if (label !== undefined && !(await askForLabeled(label)).has(pr)) {
    reporter.line(
      `Pull request ${pr} is closed or does not have the label '${label}' (any more): nothing was deployed, since nobody would destroy it.`,
    );
    return 0;
  }
  return await prStackUp(pr, { ...options, from: parseStack(values.from, "--from") });
}

async function askForLabeled(label: string): Promise<ReadonlySet<number>> {
  return await listLabeled(openGitHub(githubFromEnvironment()), label);
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  return EXIT_USAGE;
});

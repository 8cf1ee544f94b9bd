import { describeEngine, resolveEngine } from "./engine/resolve.ts";
import { hasDrift, renderDrift } from "./lib/drift/describe.ts";
import { findDrift } from "./lib/drift/find-drift.ts";
import { findForeignServing } from "./lib/drift/find-serving.ts";
import { reportDrift } from "./lib/drift/issue.ts";
import { withEngine } from "./lib/environment.ts";
import { messageOf } from "./lib/files.ts";
import { githubFromEnvironment, openGitHub } from "./lib/github/api.ts";
import { parseOptions, parseStack } from "./lib/options.ts";
import { openProject } from "./lib/project.ts";
import { createReporter } from "./lib/reporter.ts";
import { isLocalStack } from "./lib/selected-stack.ts";

const USAGE = `npm run drift -- [--stack STACK] [--issue]

Says what somebody changed in the account by other means than this program, and changes nothing.
  --stack  which stack (default: prod)
  --issue  also keep an issue of GitHub open while there is drift, and close it when there is none;
           GITHUB_TOKEN and GITHUB_REPOSITORY are in the environment then
Exits with 0 when the account has what was deployed, with 1 when that cannot be found out, with 2 when it
has not.`;

const EXIT_DRIFT = 2;

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseOptions({
    args: [...args],
    options: {
      stack: { type: "string", default: "prod" },
      issue: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const stack = parseStack(values.stack);
  if (isLocalStack(stack)) throw new Error(`Stack '${stack}' is this machine's; it has no drift.`);
  const github = values.issue ? openGitHub(githubFromEnvironment()) : undefined;
  const reporter = createReporter(process.stderr);
  const engine = await resolveEngine({ reporter });
  reporter.line(`engine: ${describeEngine(engine)}`);
  const project = openProject();
  const run = { cwd: project.root, env: withEngine(engine) };
  const found = await findDrift(stack, { engine, ...run });
  const { command } = engine;
  const serving = await findForeignServing(project, stack, { command, ...run });
  const drift = { ...found, serving };
  console.log(renderDrift(stack, drift));
  if (github !== undefined) {
    const done = await reportDrift(github, stack, drift);
    reporter.line(`issue: ${done ?? "none, and none is needed"}`);
  }
  return hasDrift(drift) ? EXIT_DRIFT : 0;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  return 1;
});

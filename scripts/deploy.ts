import { createInterface } from "node:readline/promises";
import { deploy } from "./lib/deploy/deploy.ts";
import { messageOf } from "./lib/files.ts";
import { parseOptions, parseStack } from "./lib/options.ts";
import { openProject } from "./lib/project.ts";
import { createReporter } from "./lib/reporter.ts";
import { isLocalStack } from "./lib/selected-stack.ts";

const USAGE = `npm run deploy -- [--stack STACK] [--plan FILE] [--yes] [--rollback] [--skip-doctor] [--origin ORIGIN]

Runs the doctor, pulumi up, then the smoke test against the address that the stack has. When that fails,
the version that ran before can be put back in force. After an update that failed or was killed, the
stack's state is refreshed first.
  --stack        which stack (default: prod)
  --plan         do what the plan of npm run preview -- --save-plan FILE says, and nothing else
  --yes          do not ask before the update
  --rollback     do not ask before a rollback: without a terminal, nothing is rolled back otherwise
  --skip-doctor  do not check first what stands in the way; a rollback is then not possible
  --origin       origin of the smoke test's visitors (default: the first of allowedOrigins)
Exits with 0 only when what was deployed passes the smoke test; with 1 when something stands in the way, the
plan does not hold, or the smoke test fails; with 2 for a wrong option; else with pulumi's own code.`;

const reporter = createReporter(process.stdout);

async function main(args: readonly string[]): Promise<number> {
  const { plan, yes, rollback, origin, help, ...others } = readOptions(args);
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const stack = parseStack(others.stack);
  if (isLocalStack(stack)) {
    throw new Error(`stack '${stack}' is this machine's; deploy it with npm run local.`);
  }
  const project = openProject();
  const confirmRollback = rollback ? async (): Promise<boolean> => true : askOnTerminal;
  const skipDoctor = others["skip-doctor"];
  return deploy(stack, { project, reporter, plan, yes, skipDoctor, origin, confirmRollback });
}

/** No answer is no. */
async function askOnTerminal(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    reporter.line(question);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

function readOptions(args: readonly string[]) {
  const { values } = parseOptions({
    args: [...args],
    options: {
      stack: { type: "string", default: "prod" },
      plan: { type: "string" },
      yes: { type: "boolean", default: false },
      rollback: { type: "boolean", default: false },
      "skip-doctor": { type: "boolean", default: false },
      origin: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  return 2;
});

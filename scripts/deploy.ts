import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { describeEngine, resolveEngine } from "./engine/resolve.ts";
import { runWithTerminal } from "./lib/child.ts";
import { withEngine } from "./lib/environment.ts";
import { messageOf } from "./lib/files.ts";
import { parseOutputs, readStackOutputs } from "./lib/outputs.ts";
import { CHECKOUT } from "./lib/project.ts";
import { createReporter } from "./lib/reporter.ts";
import { isLocalStack } from "./lib/selected-stack.ts";
import { smoke } from "./smoke.ts";

const USAGE = `npm run deploy -- [--stack STACK] [--yes] [--origin ORIGIN]

Runs pulumi up, then the smoke test against the address that the stack has.
  --stack   which stack (default: prod)
  --yes     do not ask before the update
  --origin  origin of the smoke test's visitors (default: the first of allowedOrigins)`;

/** A fresh custom domain waits for its certificate. */
const ANSWERS_WITHIN_MS = 180_000;
const ASK_EVERY_MS = 3_000;

const reporter = createReporter(process.stdout);

async function main(args: readonly string[]): Promise<number> {
  const { stack, yes, origin, help } = parseOptions(args);
  if (help) {
    console.log(USAGE);
    return 0;
  }
  if (isLocalStack(stack)) {
    throw new Error(`stack '${stack}' is this machine's; deploy it with npm run local.`);
  }
  const engine = await resolveEngine({ reporter });
  reporter.line(`engine: ${describeEngine(engine)}`);
  const run = { cwd: CHECKOUT, env: withEngine(engine) };
  const up = ["up", "--stack", stack, ...(yes ? ["--yes"] : [])];
  const code = await runWithTerminal(engine.command, up, run);
  if (code !== 0) return code;
  const deployed = parseOutputs(await readStackOutputs(engine, stack, run));
  await untilItAnswers(deployed.url);
  const visitors = origin ?? exampleOrigin(deployed.all["allowedOrigins"]);
  const { failed } = await smoke(deployed.url, visitors === undefined ? {} : { origin: visitors });
  return failed === 0 ? 0 : 1;
}

function parseOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stack: { type: "string", default: "prod" },
      yes: { type: "boolean", default: false },
      origin: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}

async function untilItAnswers(url: string): Promise<void> {
  const deadline = Date.now() + ANSWERS_WITHIN_MS;
  for (;;) {
    const problem = await fetch(`${url}/health`).then(
      ({ ok, status }) => (ok ? null : `it answers ${status}`),
      (error: unknown) => messageOf(error instanceof Error ? (error.cause ?? error) : error),
    );
    if (problem === null) return;
    if (Date.now() > deadline) {
      reporter.line(`${url} has not answered for ${ANSWERS_WITHIN_MS / 1_000} s: ${problem}`);
      return;
    }
    reporter.line(`waiting for ${url}: ${problem}`);
    await wait(ASK_EVERY_MS);
  }
}

/** An origin that the entries allow, if one can be made from them. */
function exampleOrigin(entries: unknown): string | undefined {
  const origins = Array.isArray(entries) ? entries.map(String) : [];
  const first = origins.find((entry) => entry.startsWith("http"));
  return first?.replace("*.", "smoke-test.").replace(/:\*$/, "");
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  return 2;
});

import { examine } from "./lib/doctor/examine.ts";
import { findingsAsJson, hasProblems, renderFindings } from "./lib/doctor/report.ts";
import { messageOf } from "./lib/files.ts";
import { parseOptions, parseStack } from "./lib/options.ts";
import { openProject } from "./lib/project.ts";
import { createReporter } from "./lib/reporter.ts";

const USAGE = `npm run doctor -- [--stack STACK] [--json]

Checks what a deployment needs, and changes nothing: this machine, the stack and its config, the API
token, and what the account already has in the place of what would be made.
  --stack  which stack (default: prod)
  --json   one JSON line: { stack, ok, findings: [{ check, level, found, advice }] }
Exits with 0 when nothing stands in the way, with 1 when there is a problem.`;

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseOptions({
    args: [...args],
    options: {
      stack: { type: "string", default: "prod" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const stack = parseStack(values.stack);
  const reporter = createReporter(process.stderr);
  const { findings } = await examine(stack, { project: openProject(), reporter });
  reporter.status("");
  console.log(values.json ? findingsAsJson(stack, findings) : renderFindings(stack, findings));
  return hasProblems(findings) ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  return 2;
});

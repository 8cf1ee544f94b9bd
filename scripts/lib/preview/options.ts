import { parseOptions, parseStack } from "../options.ts";

export type Format = "plain" | "markdown" | "json";

export interface PreviewOptions {
  readonly stack: string;
  readonly format: Format;
  /** File to write to; undefined for standard output. */
  readonly out: string | undefined;
  /** Any name of a commit; undefined for where this branch left main. */
  readonly base: string | undefined;
  /** File for the plan that `npm run deploy -- --plan` takes; undefined for none. */
  readonly savePlan: string | undefined;
  /** Exit with 0 whatever it would change. */
  readonly reportOnly: boolean;
}

export const PREVIEW_USAGE = `Usage: npm run preview [-- <options>]

Says in plain words what pulumi up would change, and changes nothing. With CLOUDFLARE_API_TOKEN and
access to the stack's state it asks the real stack; without, it deploys the base commit to a local
cloud on this machine and compares with that.

  --stack <name>   which stack (default prod)
  --markdown       as a comment for a pull request, the same text for the same changes
  --json           as one line of JSON
  --out <file>     write it there, not to standard output
  --base <ref>     commit to compare with (default: where this branch left origin/main, else main)
  --save-plan <f>  also write the plan there that npm run deploy -- --plan <f> applies, and nothing else
  --report-only    exit with 0 also for 2 and 3
  --help           print this

Exit codes: 0 nothing changes, or nothing is lost; 1 the preview failed, and so would the update;
2 data is destroyed; 3 something that works today stops (a site, an address, the protection).`;

/**
 * @returns "help" when that is asked for
 * @throws Error for a command line that cannot be followed
 */
export function parsePreviewOptions(args: readonly string[]): PreviewOptions | "help" {
  const { help, json, markdown, out, base, ...others } = parse(args);
  if (help) return "help";
  if (json && markdown)
    throw new Error("--json and --markdown contradict each other; give one of them.");
  const stack = parseStack(others.stack);
  const format = json ? "json" : markdown ? "markdown" : "plain";
  const { "save-plan": savePlan, "report-only": reportOnly } = others;
  return { stack, format, out, base, savePlan, reportOnly };
}

function parse(args: readonly string[]) {
  const { values } = parseOptions({
    args: [...args],
    options: {
      stack: { type: "string", default: "prod" },
      json: { type: "boolean", default: false },
      markdown: { type: "boolean", default: false },
      out: { type: "string" },
      base: { type: "string" },
      "save-plan": { type: "string" },
      "report-only": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  return values;
}

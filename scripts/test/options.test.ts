import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { capture } from "../lib/child.ts";
import { parseOptions, parseStack, refuseTakenByNpm } from "../lib/options.ts";
import { CHECKOUT } from "../lib/project.ts";

const OPTIONS = {
  stack: { type: "string", default: "prod" },
  yes: { type: "boolean", default: false },
  "save-plan": { type: "string" },
} as const;

function parse(args: string[], env: NodeJS.ProcessEnv = {}) {
  return { ...parseOptions({ args, options: OPTIONS }, env).values };
}

describe("a command line", () => {
  test("is parsed with its defaults", () => {
    expect(parse([])).toEqual({ stack: "prod", yes: false });
    expect(parse(["--stack=a", "--yes"])).toEqual({ stack: "a", yes: true });
  });

  test.each([
    [["--stack"], "Option '--stack <value>' argument missing. --help lists the options."],
    [["--stak", "prod"], "Unknown option '--stak'. --help lists the options."],
    [["prod"], /^Unexpected argument 'prod'\. .* --help lists the options\.$/],
    [["--stack", ""], "--stack: the value '' is empty. --help lists the options."],
    [["--save-plan= "], "--save-plan: the value ' ' is empty. --help lists the options."],
    [
      ["--stack", "prod", "--stack=staging"],
      "--stack is given 2 times ('prod', 'staging'); give it once. --help lists the options.",
    ],
    [["--yes", "--yes"], "--yes is given 2 times; give it once. --help lists the options."],
  ])("%j is refused", (args, message) => {
    expect(() => parse(args)).toThrow(message);
  });
});

/** As `npm run <script> --stack=staging` does. */
async function runWithoutDashes(script: string) {
  return capture("node", [join(CHECKOUT, "scripts", `${script}.ts`)], {
    env: { ...process.env, npm_config_stack: "staging", npm_lifecycle_event: script },
  });
}

describe("an option before which the two dashes are missing", () => {
  const env = { npm_lifecycle_event: "deploy" };

  test.each([
    ["stack", { npm_config_stack: "staging" }],
    ["save-plan", { npm_config_save_plan: "true" }],
  ])("is noticed: %s", (name, variables) => {
    expect(() => parse([], { ...env, ...variables })).toThrow(
      `npm took --${name} for an option of its own. Put two dashes before the options: npm run deploy -- --${name} …`,
    );
    expect(() => refuseTakenByNpm([name], variables)).toThrow("npm run <command> -- --");
  });

  test("is not seen in what npm's own config has", () => {
    expect(parse([], { npm_config_yes: "true", npm_config_stack: "" }).stack).toBe("prod");
  });

  test("stops every command before it does something to the default stack", async () => {
    for (const script of ["deploy", "doctor", "drift", "preview", "pulumi", "wrangler-config"]) {
      const { code, stderr } = await runWithoutDashes(script);
      expect(stderr).toBe(
        `npm took --stack for an option of its own. Put two dashes before the options: npm run ${script} -- --stack …\n`,
      );
      expect(code).not.toBe(0);
    }
  }, 60_000);
});

describe("the name of a stack", () => {
  test.each(["prod", "pr-12", "a.b_c", "x".repeat(100)])("may be %s", (name) => {
    expect(parseStack(name)).toBe(name);
  });

  test.each([
    [
      "",
      "--stack: '' is not the name of a stack (1 to 100 letters, digits, . _ and -), such as --stack prod.",
    ],
    ["a b", "--stack: 'a b' is not"],
    ["pröd", "--stack: 'pröd' is not"],
    ["../x/..", "--stack: '../x/..' is not"],
    ["x".repeat(101), "1 to 100 letters"],
    [
      "acme/visitor-tracker/prod",
      "--stack: 'acme/visitor-tracker/prod' is not the name of a stack: give it without its owner and project, --stack prod. Which organization is meant: npm run pulumi -- org set-default <organization>",
    ],
  ])("may not be %j", (text, message) => {
    expect(() => parseStack(text)).toThrow(message);
  });
});

import { describe, expect, test } from "vitest";
import { openProject } from "../lib/project.ts";
import { needsCloud, withConfigFile, withTrackedConfigKept } from "../lib/pulumi.ts";
import {
  isForLocalStack,
  isLocalStack,
  selectedStack,
  selectsStack,
  stackOf,
} from "../lib/selected-stack.ts";
import { temporaryFolder, writeFiles } from "./support.ts";

/** Of /checkout/Pulumi.yaml, whose sha1 it names. */
const WORKSPACE =
  "workspaces/visitor-tracker-473f4a9e84119ffe5cb5bbacc8d6af2b5c78b04e-workspace.json";

describe("the stack of a command line", () => {
  const here = openProject({ root: "/checkout", stateDir: ".local" });

  test.each([
    ["up -s local", { by: "argument", stack: "local" }],
    ["-s local up", { by: "argument", stack: "local" }],
    ["preview --stack prod --diff", { by: "argument", stack: "prod" }],
    ["up --stack=local", { by: "argument", stack: "local" }],
    ["up -slocal", { by: "argument", stack: "local" }],
    ["stack select local", { by: "command", command: "select", stack: "local" }],
    ["stack rm --yes prod", { by: "command", command: "rm", stack: "prod" }],
    ["stack delete prod", { by: "command", command: "delete", stack: "prod" }],
    ["stack init --copy-config-from local prod", { by: "command", command: "init", stack: "prod" }],
    ["cancel --yes prod", { by: "command", command: "cancel", stack: "prod" }],
    ["cancel", { by: "nothing" }],
    ["stack output", { by: "nothing" }],
    ["up -m local", { by: "nothing" }],
    ["config set key -- -s", { by: "nothing" }],
    ["", { by: "nothing" }],
  ])("%s: %j", (line, choice) => {
    expect(stackOf(line.split(" ").filter((word) => word !== ""))).toEqual(choice);
  });

  test.each([
    ["local", true],
    ["organization/visitor-tracker/local", true],
    ["acme/visitor-tracker/local", false],
    ["organization/other/local", false],
    ["prod", false],
    ["", false],
  ])("the name %j is the local stack's: %j", (name, isLocal) => {
    expect(isLocalStack(name)).toBe(isLocal);
  });

  test("is PULUMI_STACK without an argument, and an argument beats it", async () => {
    const env = { PULUMI_STACK: "local" };
    expect(await isForLocalStack(["up"], here, env)).toBe(true);
    expect(await isForLocalStack(["up", "-s", "prod"], here, env)).toBe(false);
    expect(await isForLocalStack(["up"], here, { PULUMI_STACK: "prod" })).toBe(false);
  });

  const about = "up -y|config set a b|stack|stack output url|stack rm -y|stack ls|cancel|state get";
  test.each(about.split("|"))("%s is about a stack", async (line) => {
    expect(await isForLocalStack(line.split(" "), here, { PULUMI_STACK: "local" })).toBe(true);
  });

  const others = [
    "login|login --local|logout|whoami|org set-default acme|env ls|plugin ls|about|policy ls",
    "package add x|convert --language go|new typescript|new -s local|install|version|--help",
    "project ls|deployment run|api user|schema check x|template ls|gen-completion bash|",
    "stack init|stack init acct1|stack new|stack select|stack select prod|stack migrate file:///x",
    "-C /elsewhere up|--cwd=.. up|up -s local -C /elsewhere",
  ];
  test.each(others.join("|").split("|"))(
    "%j is not for the local stack, though that is the one in force",
    async (line) => {
      const args = line.split(" ").filter((word) => word !== "");
      expect(await isForLocalStack(args, here, { PULUMI_STACK: "local" })).toBe(false);
    },
  );

  test.each([
    ["-C infra up", true],
    ["--cwd=. stack select local", true],
    ["stack init -s local", true],
    ["up -- -C /elsewhere", true],
  ])("%s is for the local stack: %j", async (line, isFor) => {
    const env = { PULUMI_STACK: "local" };
    expect(await isForLocalStack(line.split(" "), here, env)).toBe(isFor);
  });

  test.each([
    ["stack select prod", true],
    ["stack select -s prod", true],
    ["stack select --stack=prod --create", true],
    ["stack select", true],
    ["stack init prod", true],
    ["stack new -s prod", true],
    ["stack init prod --no-select", false],
    ["stack select --help", false],
    ["stack rm prod", false],
    ["up -s prod", false],
    ["login", false],
  ])("%s puts another stack in force: %j", (line, puts) => {
    expect(selectsStack(line.split(" "))).toBe(puts);
  });

  test("is the one that was selected for this checkout and this backend", async () => {
    const home = temporaryFolder();
    expect(await selectedStack(here, home)).toBeNull();
    const stacks = {
      "https://api.pulumi.com": "acme/visitor-tracker/prod",
      "file:///checkout/.local/pulumi": "organization/visitor-tracker/local",
    };
    await writeFiles(home, { [WORKSPACE]: JSON.stringify({ stacks }) });
    expect(await selectedStack(here, home)).toBe("organization/visitor-tracker/local");
    const other = openProject({ root: "/checkout", stateDir: ".other" });
    expect(await selectedStack(other, home)).toBeNull();
  });

  test.each(["", '{"stacks": {', "null", '{"stacks": null}', '{"stacks": {"file:": 1}}'])(
    "is none when the CLI's file says %j",
    async (content) => {
      const home = temporaryFolder();
      await writeFiles(home, { [WORKSPACE]: content });
      expect(await selectedStack(here, home)).toBeNull();
    },
  );
});

describe("a command on the local stack", () => {
  const here = openProject({ root: "/checkout", stateDir: ".local" });
  const file = "/checkout/.local/stack/Pulumi.local.yaml";

  test.each([
    ["up -s local", `up --config-file ${file} -s local`],
    ["-s local preview", `-s local preview --config-file ${file}`],
    ["dn --yes", `dn --config-file ${file} --yes`],
    ["up --config-file mine.yaml", "up --config-file mine.yaml"],
    ["config set a b", "config set a b"],
    ["stack output url", "stack output url"],
  ])("%s reads this run's config: %s", (line, expected) => {
    expect(withConfigFile(line.split(" "), here).join(" ")).toBe(expected);
  });

  test.each([
    ["stack rm local --yes", "stack rm --preserve-config local --yes"],
    ["-s local stack remove", "-s local stack remove --preserve-config"],
    ["stack delete", "stack delete --preserve-config"],
    ["stack rm --preserve-config=false", "stack rm --preserve-config=false"],
    ["stack output rm", "stack output rm"],
    ["config rm a", "config rm a"],
    ["stack rename --help", "stack rename --help"],
  ])("%s leaves the tracked config: %s", (line, expected) => {
    expect(withTrackedConfigKept(line.split(" ")).join(" ")).toBe(expected);
  });

  test("does not rename it", () => {
    expect(() => withTrackedConfigKept(["stack", "rename", "mine", "-s", "local"])).toThrow(
      "Stack local keeps its name: npm run local runs the stack of this name, and Pulumi.local.yaml " +
        "is tracked. Make another stack with: npm run pulumi -- stack init <name>",
    );
  });

  test.each([
    ["up", true],
    ["-s local destroy --yes", true],
    ["preview --help", false],
    ["stack output", false],
    ["cancel", false],
    ["", false],
  ])("%j needs the local cloud: %j", (line, needs) => {
    expect(needsCloud(line.split(" "))).toBe(needs);
  });
});

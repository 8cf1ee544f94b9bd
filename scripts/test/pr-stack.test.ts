import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { capture } from "../lib/child.ts";
import { readTextIfPresent } from "../lib/files.ts";
import { githubFromEnvironment, openGitHub } from "../lib/github/api.ts";
import { COMMENT_USAGE, parseCommentOptions } from "../lib/github/comment-options.ts";
import { listLabeled } from "../lib/github/pull-request.ts";
import {
  ofPullRequest,
  prStackName,
  pullRequestOf,
  secretsProviderOf,
} from "../lib/pr-stack/config.ts";
import { prStackDestroy, prStackSweep } from "../lib/pr-stack/pr-stack.ts";
import { CHECKOUT } from "../lib/project.ts";
import { patient } from "./doctor-support.ts";
import { fakeGitHub } from "./fake-github.ts";
import { recordingReporter } from "./support.ts";

test("the stack of a pull request has a name of its own", () => {
  expect(prStackName(12)).toBe("pr-12");
});

test.each([
  ["pr-12", 12],
  ["octo/visitor-tracker/pr-12", 12],
  ["staging", undefined],
  ["pr-012", undefined],
  ["pr-12-old", undefined],
  ["old-pr-12", undefined],
])("the stack %s is that of pull request %j", (name, pr) => {
  expect(pullRequestOf(name)).toBe(pr);
});

test("a sweep destroys the stacks of pull requests that are not wanted, and no other", async () => {
  const names = ["prod", "pr-13", "pr-7", "pr-9"].map((name) => ({ name }));
  const pulumi = [
    `[ "$2" = ls ] && echo '${JSON.stringify(names)}' && exit`,
    '[ "$1" = destroy ] && echo "$4" >> destroyed && [ "$4" = pr-7 ] && exit 9',
    "echo '{}'",
  ];
  const { project, env } = await patient({ pulumi });
  const reporter = recordingReporter();
  const code = await prStackSweep(new Set([9, 10]), { project, reporter, env });
  expect(code).toBe(9);
  expect(await readTextIfPresent(join(project.root, "destroyed"))).toBe("pr-7\npr-13\n");
  expect(reporter.lines).toContain(
    "3 stacks of pull requests, of which 2 are to be destroyed: pr-7, pr-13",
  );
});

test("wanted are the open pull requests that have the label, on all pages", async () => {
  const fake = await fakeGitHub();
  const pull = (state: string, ...labels: string[]): number =>
    fake.add("/pulls", "ada", { state, labels: labels.map((name) => ({ name })) }).number;
  const [first] = [pull("open", "preview-stack"), pull("closed", "preview-stack"), pull("open")];
  const last = pull("open", "other", "preview-stack");
  const github = openGitHub(githubFromEnvironment(fake.env));
  expect([...(await listLabeled(github, "preview-stack"))]).toEqual([first, last]);
});

test.each([
  [
    ["up", "--pr", "12", "--label", "x"],
    0,
    "Pull request 12 is closed or does not have the label 'x'",
  ],
  [["sweep"], 2, "--label is missing"],
  [["down", "--pr", "12"], 2, "'down' is none of 'up', 'destroy' and 'sweep'"],
  [["destroy", "all", "--pr", "12"], 2, "'destroy all' is none of"],
])(
  "npm run pr-stack -- %j exits with %i, and says so",
  async (args, exitCode, said) => {
    const fake = await fakeGitHub();
    fake.add("/pulls", "ada", { state: "open", labels: [{ name: "preview-stack" }] });
    const command = [join(CHECKOUT, "scripts/pr-stack.ts"), ...args];
    const env = { ...process.env, ...fake.env };
    const { code, stdout, stderr } = await capture("node", command, { env });
    expect(stdout + stderr).toContain(said);
    expect(code).toBe(exitCode);
  },
  30_000,
);

test("its config is the base's, without the base's script and addresses", () => {
  const yaml = [
    "# comments stay",
    "secretsprovider: awskms://alias/x",
    "encryptionsalt: v1:x",
    "config:",
    "  visitor-tracker:accountId:",
    "    secure: AAA",
    "  allowedOrigins: [https://staging.example.com]",
    "  visitor-tracker:scriptName: visitor-tracker",
    "  visitor-tracker:customDomain: staging.example.com",
    "  zone: example.com",
    "  visitor-tracker:route: staging.example.com/live/*",
    '  visitor-tracker:manageDns: "true"',
    '  visitor-tracker:protect: "true"',
    "  visitor-tracker:allowDataLoss: visitor-tracker",
    "  visitor-tracker:limits:",
    "    tabsPerVisitor: 4",
    '  workersDev: "false"',
  ].join("\n");
  expect(parse(ofPullRequest(yaml))).toEqual({
    secretsprovider: "awskms://alias/x",
    encryptionsalt: "v1:x",
    config: {
      "visitor-tracker:accountId": { secure: "AAA" },
      allowedOrigins: ["https://staging.example.com"],
      "visitor-tracker:limits": { tabsPerVisitor: 4 },
      "visitor-tracker:workersDev": "true",
      "visitor-tracker:demo": "true",
    },
  });
  expect(parse(ofPullRequest(""))).toEqual({
    config: { "visitor-tracker:workersDev": "true", "visitor-tracker:demo": "true" },
  });
  expect(() => ofPullRequest("config: [")).toThrow(/flow/i);
});

test.each([
  ["[]", 0, "Stack 'pr-7' is gone, and so is its script."],
  [
    '[{"type":"creating","resource":{"type":"cloudflare:index/workersScript:WorkersScript"}}]',
    1,
    "Stack 'pr-7' is gone, but its last update was interrupted while creating WorkersScript, which the state never knew of. If the account has it, delete it: npx wrangler delete visitor-tracker-pr-7",
  ],
])("destroyed with the pending operations %s it exits with %i, and says so", async (...given) => {
  const [pending, exitCode, said] = given;
  const state = `{"deployment":{"pending_operations":${pending}}}`;
  const pulumi = [`[ "$2" = export ] && echo '${state}' && exit`, "echo '{}'"];
  const { project, env } = await patient({ pulumi });
  const reporter = recordingReporter();
  const code = await prStackDestroy(7, { project, reporter, env });
  expect([code, reporter.lines.at(-1)]).toEqual([exitCode, said]);
});

test("its secrets are kept where the base's are", () => {
  expect(secretsProviderOf("secretsprovider: awskms://alias/x\n")).toBe("awskms://alias/x");
  expect(secretsProviderOf("config: {}\n")).toBeUndefined();
  expect(secretsProviderOf("")).toBeUndefined();
});

test("a comment's command line names one pull request", () => {
  const commit = "a".repeat(40);
  const given = ["--preview", "p.json"];
  expect(parseCommentOptions([...given, "--pr", "12"])).toEqual({ preview: "p.json", target: 12 });
  expect(parseCommentOptions([...given, "--head", "ada:fix/it", "--commit", commit])).toEqual({
    preview: "p.json",
    target: { branch: "ada:fix/it", commit },
  });
  expect(parseCommentOptions(["--help"])).toBe("help");
  expect(COMMENT_USAGE).toContain("GITHUB_TOKEN");
});

test.each([
  [["--pr", "12"], /--preview is missing/],
  [["--preview", "p"], /Say which pull request/],
  [["--preview", "p", "--pr", "12", "--head", "a:b", "--commit", "x"], /Say which pull request/],
  [["--preview", "p", "--head", "a:b"], /Say which pull request/],
  [["--preview", "p", "--pr", "0"], /'0' is not the number/],
  [["--preview", "p", "--pr", "1;x"], /'1;x' is not the number/],
  [["--preview", "p", "--head", "a", "--commit", "a".repeat(40)], /'a' is not OWNER:BRANCH/],
  [["--preview", "p", "--head", "a:b", "--commit", "a"], /'a' is no full hash/],
  [["--nope"], /--nope/],
])("%j is refused", (args, message) => {
  expect(() => parseCommentOptions(args)).toThrow(message);
});

test("npm run comment says how the file is made that is not there", async () => {
  const command = [join(CHECKOUT, "scripts/comment.ts"), "--preview", "none.json", "--pr", "1"];
  const { code, stderr } = await capture("node", command);
  expect(code).not.toBe(0);
  expect(stderr).toContain(
    "none.json cannot be read; write it with npm run preview -- --json --out none.json: ENOENT",
  );
});

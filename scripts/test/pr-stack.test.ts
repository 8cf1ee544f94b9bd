import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { capture } from "../lib/child.ts";
import { COMMENT_USAGE, parseCommentOptions } from "../lib/github/comment-options.ts";
import { ofPullRequest, prStackName, secretsProviderOf } from "../lib/pr-stack/config.ts";
import { prStackDestroy } from "../lib/pr-stack/pr-stack.ts";
import { CHECKOUT } from "../lib/project.ts";
import { patient } from "./doctor-support.ts";
import { recordingReporter } from "./support.ts";

test("the stack of a pull request has a name of its own", () => {
  expect(prStackName(12)).toBe("pr-12");
});

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

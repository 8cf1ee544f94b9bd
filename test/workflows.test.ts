import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Captured } from "../scripts/lib/child.ts";
import { namesIn } from "../scripts/lib/files.ts";
import { fakeGitHub, type FakeGitHub } from "../scripts/test/fake-github.ts";
import { records, type AccountCheckout } from "./support/account-checkout.ts";
import { findSecrets, textsIn } from "./support/find-secrets.ts";
import { SECRETS, WorkflowAccount } from "./support/workflow-account.ts";

/** A command is a program of three seconds or more, and some run the engine two or three times. */
const TIMEOUT_MS = 600_000;

let workflows: WorkflowAccount;
let account: AccountCheckout;
let github: FakeGitHub;
beforeAll(async () => {
  workflows = await WorkflowAccount.start();
  ({ account } = workflows);
  github = await fakeGitHub(2, afterAll);
}, TIMEOUT_MS);
afterAll(() => account.close());

const job: WorkflowAccount["job"] = (...args) => workflows.job(...args);

async function read(file: string): Promise<string> {
  return await readFile(join(account.root, file), "utf8");
}

describe("deploy.yml", { timeout: TIMEOUT_MS }, () => {
  test("deploys staging, and says where it is", async () => {
    const output = join(account.root, ".local-output");
    const { code, stdout } = await job("deploy.yml", "staging", { GITHUB_OUTPUT: output });
    expect(stdout).toContain("6 passed, 0 failed");
    expect(code).toBe(0);
    expect(await read(".local-output")).toBe(`url=${account.cloud.edgeUrl}/staging\n`);
    expect(Object.keys(await account.scripts())).toEqual(["visitor-tracker-staging"]);
  });

  test("plans production on a page for whoever approves, then does what was planned", async () => {
    const files = { GITHUB_OUTPUT: ".local-verdict", GITHUB_STEP_SUMMARY: ".local-summary" };
    const planned = await job("deploy.yml", "plan", files);
    expect(planned.code, planned.stderr).toBe(0);
    expect(await read(".local-verdict")).toBe("verdict=harmless\n");
    expect(await read(".local-summary")).toContain("### 🟢 First deployment");
    expect(Object.keys(await account.scripts())).toEqual(["visitor-tracker-staging"]);

    const deployed = await job("deploy.yml", "production");
    expect(deployed.stdout).toContain("6 passed, 0 failed");
    expect(deployed.code).toBe(0);
    expect(Object.keys(await account.scripts()).toSorted()).toEqual([
      "visitor-tracker",
      "visitor-tracker-staging",
    ]);
  });

  test("does nothing by a plan that was made for another state", async () => {
    const before = await account.scripts();
    const { code, stdout } = await job("deploy.yml", "production");
    expect(stdout).toContain(
      "Nothing was changed: something ran on stack 'prod' since the plan was",
    );
    expect(code).toBe(1);
    expect(await account.scripts()).toEqual(before);
  });

  test("does nothing when the code is not the one that was planned", async () => {
    expect((await job("deploy.yml", "plan")).code).toBe(0);
    const before = await account.scripts();
    await account.repository.checkout.edit("worker/src/join.ts", '"upgrade_required"', '"other"');
    const { code, stdout } = await job("deploy.yml", "production");
    expect(stdout).toMatch(/violates plan: .*contentSha256/);
    expect(stdout).toContain("To make a plan: npm run preview -- --stack prod --save-plan <file>.");
    expect(code).not.toBe(0);
    expect(await account.scripts()).toEqual(before);
    await account.repository.git("checkout", "--", "worker");
  });
});

describe("preview.yml and preview-comment.yml", { timeout: TIMEOUT_MS }, () => {
  let commit: string;
  const comment = (): Promise<Captured> =>
    job("preview-comment.yml", "comment", { ...github.env, HEAD: "ada:sites", COMMIT: commit });

  test("put what changes into the pull request, and update it in place", async () => {
    commit = await account.repository.git("rev-parse", "HEAD");
    const { number } = github.add("/pulls", "ada", { head: { sha: commit, label: "ada:sites" } });
    const origin = "    - https://example.com\n";
    const more = `${origin}    - https://blog.example.com\n`;
    await account.repository.checkout.edit("Pulumi.prod.yaml", origin, more);

    const env = { STACK: "prod", BASE: commit };
    const previewed = await job("preview.yml", "preview", env);
    expect(previewed.code, previewed.stderr).toBe(0);
    expect((await comment()).stdout).toContain(`pull request ${number}: comment created`);
    expect((await comment()).stdout).toContain(`pull request ${number}: comment unchanged`);
    const [made, ...others] = github.lists.get(`/issues/${number}/comments`) ?? [];
    expect(others).toEqual([]);
    expect(made?.["body"]).toContain("Stack `prod`. Compared with what is deployed as `prod`.");
    expect(made?.["body"]).toContain(
      "- Pages of `https://blog.example.com` may connect from then on",
    );

    // As for a fork: without the token.
    const forked = await job("preview.yml", "preview", { ...env, CLOUDFLARE_API_TOKEN: "" });
    expect(forked.code, forked.stderr).toBe(0);
    expect((await comment()).stdout).toContain(`pull request ${number}: comment updated`);
    expect(made?.["body"]).toContain("because there is no CLOUDFLARE_API_TOKEN here");
    await account.repository.git("checkout", "--", "Pulumi.prod.yaml");
  });

  test("leave a pull request alone that has a newer commit, and refuse what is no preview", async () => {
    const requests = github.requests.length;
    commit = "f".repeat(40);
    const { code, stdout } = await comment();
    expect(stdout).toContain("nothing to comment on");
    expect(code).toBe(0);
    expect(github.requests.slice(requests)).toHaveLength(1);
    await account.repository.checkout.write("preview.json", '{"stack": "prod"}');
    const refused = await comment();
    expect(refused.stderr).toContain("preview.json is not what npm run preview -- --json wrote");
    expect(refused.code).toBe(1);
  });
});

describe("drift.yml", { timeout: TIMEOUT_MS }, () => {
  test("opens an issue for what was changed by hand, and closes it when that is repaired", async () => {
    const drift = (): Promise<Captured> => job("drift.yml", "drift", github.env);
    expect((await drift()).code).toBe(0);
    expect(github.lists.get("/issues")).toBeUndefined();

    const [zone] = records(await account.api("GET", "/zones?name=localhost"));
    const routes = `/zones/${String(zone?.["id"])}/workers/routes`;
    const route = records(await account.api("GET", routes)).find(
      ({ pattern }) => pattern === "localhost/live/*",
    );
    await account.api("DELETE", `${routes}/${String(route?.["id"])}`);

    const found = await drift();
    expect(found.stdout).toContain("WorkersRoute 'visitor-tracker' is gone");
    expect(found.code).toBe(2);
    const [issue] = github.lists.get("/issues") ?? [];
    expect(issue?.["body"]).toContain("- WorkersRoute `visitor-tracker` is gone");

    const [, advised] = /`(npm run pulumi -- up .*?)`/.exec(String(issue?.["body"])) ?? [];
    await account.mustRun(`${advised} --yes`);
    expect((await drift()).code).toBe(0);
    expect(issue?.["state"]).toBe("closed");
  });
});

const upOf = (pr: string): Promise<Captured> =>
  job("pr-stack.yml", "up", { ...github.env, PR: pr });
const destroyOf = (pr: string): Promise<Captured> => job("pr-stack.yml", "destroy", { PR: pr });

describe("pr-stack.yml and pr-stack-sweep.yml", { timeout: TIMEOUT_MS }, () => {
  test("gives a pull request a script of its own, which leaves nothing and touches no other", async () => {
    const others = await account.scripts();
    const labels = [{ name: "preview-stack" }];
    const pulls = [12, 13].map((number) => github.add("/pulls", "ada", { number, labels }));
    for (const pr of ["12", "13"]) {
      const { code, stdout, stderr } = await upOf(pr);
      expect(stdout, stderr).toContain("6 passed, 0 failed");
      expect(code).toBe(0);
    }
    const both = await account.scripts();
    expect(Object.keys(both).toSorted()).toEqual([
      "visitor-tracker",
      "visitor-tracker-pr-12",
      "visitor-tracker-pr-13",
      "visitor-tracker-staging",
    ]);

    // A new commit, on a fresh runner.
    await rm(join(account.root, "Pulumi.pr-12.yaml"));
    await account.repository.checkout.edit("worker/src/index.ts", /^/, "globalThis.newer = 1;\n");
    expect((await upOf("12")).code).toBe(0);
    const newer = await account.scripts();
    expect(newer["visitor-tracker-pr-12"]).not.toBe(both["visitor-tracker-pr-12"]);
    expect({ ...newer, "visitor-tracker-pr-12": "" }).toEqual({
      ...both,
      "visitor-tracker-pr-12": "",
    });
    await account.repository.git("checkout", "--", "worker");

    await rm(join(account.root, "Pulumi.pr-12.yaml"));
    expect((await destroyOf("12")).code).toBe(0);
    // By hand, or by a deletion whose answer was lost.
    await account.api(
      "DELETE",
      "/accounts/:account/workers/scripts/visitor-tracker-pr-13?force=true",
    );
    for (const pull of pulls) pull["state"] = "closed";
    const swept = await job("pr-stack-sweep.yml", "sweep", github.env);
    expect(swept.stdout).toContain(
      "1 stacks of pull requests, of which 1 are to be destroyed: pr-13",
    );
    expect(swept.code).toBe(0);
    expect(await account.scripts()).toEqual(others);
    const left = await readdir(account.backend, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile() && /pr-1[23]/.test(entry.name))).toEqual([]);
    expect((await namesIn(account.root)).filter((name) => name.includes("pr-1"))).toEqual([]);
    const again = await destroyOf("12");
    expect(again.stdout).toContain("There is no stack 'pr-12'; nothing to destroy.");
    expect(again.code).toBe(0);

    // As when an old run is run again.
    const late = await upOf("12");
    expect(late.stdout).toContain("Pull request 12 is closed or does not have the label");
    expect(late.code).toBe(0);
    expect(await account.scripts()).toEqual(others);
  });
});

describe("a stack whose API token is in its config", { timeout: TIMEOUT_MS }, () => {
  test("is deployed, previewed, planned, examined and compared by it", async () => {
    const { apiUrl, accountId } = account.cloud;
    const config = [
      "config:",
      "  visitor-tracker:allowedOrigins: [https://example.com]",
      "  visitor-tracker:workersDev: 'true'",
      "",
    ];
    await account.repository.checkout.write("Pulumi.live.yaml", config.join("\n"));
    // Without `cloudflareBaseUrl` in its config, a stack is one of Cloudflare's, with its own token.
    const env = { CLOUDFLARE_API_TOKEN: "", CLOUDFLARE_BASE_URL: apiUrl };
    await account.mustRun("npm run pulumi -- stack init live --no-select", env);
    await workflows.setSecret("live", "accountId", accountId);
    await workflows.setSecret("live", "cloudflare:apiToken", SECRETS["token of the config"]);
    for (const line of [
      "npm run doctor -- --stack live",
      "npm run preview -- --stack live --save-plan live-plan.json --markdown --out live.md",
      "npm run pulumi -- up --stack live --yes --diff",
      "npm run drift -- --stack live",
      "npm run pulumi -- stack output --stack live --json",
    ]) {
      await account.mustRun(line, env);
    }
    const plan = await read("live-plan.json");
    // The plan does hold the token, for the provider.
    expect(plan).toMatch(/"apiToken":\{"[0-9a-f]{32}":"[0-9a-f]{32}","ciphertext":"v1:/);
  });
});

/** What is no run's: packages, sources, and the account of stack `local`, which is no secret. */
const LEFT_OUT = ["node_modules", "scripts", "localcloud", "worker", ".git", "Pulumi.local.yaml"];

test("no secret is in any output, log, state, plan, comment or journal", async () => {
  const { cloud, root, printed } = account;
  const texts = await textsIn(root, LEFT_OUT);
  texts.set("printed", printed.join("\n"));
  texts.set("GitHub", JSON.stringify([...github.lists]) + github.requests.join("\n"));
  for (const place of ["plan.json", "live-plan.json", "preview.json", "live.md"]) {
    expect([...texts.keys()]).toContain(join(root, place));
  }
  expect(printed.length).toBeGreaterThan(50);
  expect(findSecrets(texts, SECRETS)).toEqual([]);

  // It is in the address of every request, and the ID of a script's address on workers.dev: an ID of
  // Pulumi's cannot be a secret.
  const isJournal = (place: string): boolean => place.startsWith(join(root, ".cloud"));
  const others = [...texts].filter(([place]) => !isJournal(place));
  const isId = new RegExp(`"?id"?[:=] ?"?${cloud.accountId}"?`, "g");
  const withoutIds = others.map(([place, text]) => [place, text.replaceAll(isId, "")] as const);
  expect(findSecrets(new Map(withoutIds), { accountId: cloud.accountId })).toEqual([]);
});

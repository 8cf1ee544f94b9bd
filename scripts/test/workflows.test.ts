import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { capture } from "../lib/child.ts";
import { isExecutableFile } from "../lib/files.ts";
import { CHECKOUT } from "../lib/project.ts";
import {
  readWorkflow,
  WORKFLOW_FILES,
  WORKFLOWS,
  type Step,
  type Workflow,
} from "./workflow-files.ts";

const LINTER = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";
const BIN = join(CHECKOUT, ".local/actionlint-1.7.12");

/** Whether Go is here, which the linter is built with. */
const hasGo = await capture("go", ["version"]).then(
  ({ code }) => code === 0,
  () => false,
);
if (!hasGo) console.warn("The workflows are not linted: Go, which builds actionlint, is not here.");

describe.skipIf(!hasGo)("actionlint", () => {
  beforeAll(async () => {
    if (isExecutableFile(join(BIN, "actionlint"))) return;
    const { code, stderr } = await capture("go", ["install", LINTER], {
      env: { ...process.env, GOBIN: BIN },
    });
    if (code !== 0) throw new Error(`actionlint could not be built:\n${stderr}`);
  }, 300_000);

  test("finds nothing to say about the workflows", async () => {
    const { code, stdout, stderr } = await capture(
      join(BIN, "actionlint"),
      WORKFLOW_FILES.map((file) => join(WORKFLOWS, file)),
    );
    expect(`${stdout}${stderr}`).toBe("");
    expect(code).toBe(0);
  }, 60_000);
});

describe.each(WORKFLOW_FILES)("%s", (file) => {
  let workflow: Workflow;
  beforeAll(async () => {
    workflow = await readWorkflow(file);
  });

  test("takes each action by the hash of a version that is named", () => {
    const uses = [...workflow.text.matchAll(/uses: (.*)/g)].map(([, action = ""]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) {
      expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test("runs only commands that are npm's scripts, or install", async () => {
    const { scripts } = await rootScripts();
    const commands = [...workflow.text.matchAll(/(?:run|script): (.*)/g)].map(
      ([, line = ""]) => line,
    );
    for (const command of commands) {
      if (/^npm ci( --ignore-scripts)?$/.test(command)) continue;
      const name = /^npm (?:run )?([\w:-]+)(?: -- .*)?$/.exec(command)?.[1];
      expect(scripts, `'${command}' is no script`).toContain(name);
      // A name of a branch that stood in it would be run.
      expect(command).not.toContain("${{");
    }
  });

  test("may do nothing by default, and each job little, and not for ever", () => {
    expect(workflow.permissions ?? {}).toEqual(file === "ci.yml" ? { contents: "read" } : {});
    for (const { name, permissions, timeoutMinutes } of workflow.jobs) {
      expect(timeoutMinutes, name).toEqual(expect.any(Number));
      expect(permissions ?? {}, name).toEqual(PERMISSIONS[`${file} ${name}`] ?? READ);
    }
  });

  test("keeps its token out of the checkout, and secrets out of every step but one", () => {
    for (const { steps } of workflow.jobs) {
      const own = steps.filter(({ env }) => JSON.stringify(env).includes("secrets."));
      expect(own.length).toBeLessThanOrEqual(1);
      for (const { uses } of own) expect(uses).toBeUndefined();
      const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
      for (const step of checkouts) expect(step.with["persist-credentials"]).toBe(false);
    }
    expect(workflow.text.match(/secrets\./g) ?? []).toHaveLength(
      workflow.jobs.flatMap(({ steps }) => steps.flatMap(secretsOf)).length,
    );
  });

  test("gives no pull request's code a token that may write, or another's secrets", () => {
    expect(workflow.events).not.toContain("pull_request_target");
    if (!workflow.events.includes("pull_request")) return;
    for (const { permissions } of workflow.jobs) {
      expect(Object.values(permissions ?? {})).not.toContain("write");
    }
  });
});

test("pr-stack.yml keeps a deletion that waits from being pushed out by a run that does nothing", async () => {
  const { text } = await readWorkflow("pr-stack.yml");
  const workflow: unknown = parse(text);
  const concurrency = {
    group: "pr-stack-${{ github.event.pull_request.number }}",
    "cancel-in-progress": false,
  };
  expect(workflow).not.toHaveProperty("concurrency");
  expect(workflow).toMatchObject({ jobs: { up: { concurrency }, destroy: { concurrency } } });
});

test("pr-stack.yml deploys nothing for a pull request that is closed, which nobody would destroy", async () => {
  const { text } = await readWorkflow("pr-stack.yml");
  expect(parse(text)).toHaveProperty(
    "jobs.up.if",
    expect.stringContaining("&& github.event.pull_request.state == 'open' &&"),
  );
});

test("pr-stack.yml leaves alone what forks and Dependabot do, whose runs get no secrets", async () => {
  const { text } = await readWorkflow("pr-stack.yml");
  const { jobs }: { jobs: Record<string, { if: string }> } = parse(text);
  expect(Object.keys(jobs)).toEqual(["up", "destroy"]);
  for (const { if: condition } of Object.values(jobs)) {
    expect(condition).toContain("&& github.actor != 'dependabot[bot]' &&");
    expect(condition).toContain(
      "&& github.event.pull_request.head.repo.full_name == github.repository &&",
    );
  }
});

function secretsOf({ env }: Step): string[] {
  return Object.values(env)
    .filter((value) => String(value).includes("secrets."))
    .map(String);
}

const READ = { contents: "read" };

/** What a job may do besides reading the repository. */
const PERMISSIONS: { readonly [job: string]: object } = {
  "ci.yml test": {},
  "ci.yml release-check": {},
  "preview-comment.yml comment": { actions: "read", ...READ, "pull-requests": "write" },
  "pr-stack.yml up": { ...READ, "pull-requests": "read" },
  "pr-stack-sweep.yml sweep": { ...READ, "pull-requests": "read" },
  "drift.yml drift": { ...READ, issues: "write" },
  "release.yml version": { contents: "write", "pull-requests": "write" },
  "release.yml publish": { contents: "write", "id-token": "write" },
};

async function rootScripts(): Promise<{ scripts: string[] }> {
  const manifest: unknown = JSON.parse(await readFile(join(CHECKOUT, "package.json"), "utf8"));
  const entries = new Map<string, unknown>(Object.entries(manifest ?? {}));
  return { scripts: Object.keys(entries.get("scripts") ?? {}) };
}

test.each(["deploy.yml", "drift.yml", "pr-stack.yml", "pr-stack-sweep.yml"])(
  "%s does nothing in a repository that has not said where the state is",
  async (name) => {
    const { text } = await readWorkflow(name);
    const workflow: { jobs: Record<string, { if?: string; needs?: string }> } = parse(text);
    const first = Object.values(workflow.jobs).filter(({ needs }) => needs === undefined);
    expect(first.map((job) => job.if)).toEqual(
      first.map(() => expect.stringMatching(/^vars\.PULUMI_BACKEND_URL != ''/)),
    );
  },
);

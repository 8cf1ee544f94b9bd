import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { capture } from "../scripts/lib/child.ts";
import { deploy, type DeployOptions } from "../scripts/lib/deploy/deploy.ts";
import { examine } from "../scripts/lib/doctor/examine.ts";
import { findForeignServing } from "../scripts/lib/drift/find-serving.ts";
import { localEnvironment } from "../scripts/lib/environment.ts";
import { createInterruption } from "../scripts/lib/interruption.ts";
import { field, list } from "../scripts/lib/local-api.ts";
import { openSession, type LocalSession } from "../scripts/lib/local-session.ts";
import { parseDigest } from "../scripts/lib/preview/digest.ts";
import { describeDigest } from "../scripts/lib/preview/report.ts";
import { toPlain } from "../scripts/lib/preview/say.ts";
import { openProject } from "../scripts/lib/project.ts";
import { recordingReporter } from "../scripts/test/support.ts";
import { Checkout } from "./support/checkout.ts";

/** A stack of its own on the local cloud, deployed as one on Cloudflare is. */
const STACK = "trial";

let checkout: Checkout;
let session: LocalSession;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  checkout = await Checkout.copy();
  const project = openProject({ root: checkout.root, stateDir: join(checkout.root, ".local") });
  session = await openSession(project, {
    reporter: recordingReporter(),
    interruption: createInterruption(),
    port: 0,
    apiPort: 0,
  });
  const { engine, provider, cloud } = session;
  env = localEnvironment(project, engine, { providerPort: provider.port });
  await checkout.write(
    `Pulumi.${STACK}.yaml`,
    [
      "config:",
      `  visitor-tracker:accountId: "${cloud.accountId}"`,
      "  visitor-tracker:allowedOrigins: [https://example.com]",
      "  visitor-tracker:zone: localhost",
      "  visitor-tracker:route: localhost/*",
      "  visitor-tracker:manageDns: true",
      `  visitor-tracker:cloudflareBaseUrl: ${cloud.apiUrl}`,
      `  visitor-tracker:edgeUrl: ${cloud.edgeUrl}`,
      "",
    ].join("\n"),
  );
});

afterAll(async () => {
  await session.close();
  await checkout.remove();
});

async function deployTrial(
  confirmRollback: DeployOptions["confirmRollback"] = () =>
    Promise.reject(new Error("there is nothing to roll back to")),
): Promise<{ code: number; lines: string[] }> {
  const reporter = recordingReporter();
  const code = await deploy(STACK, {
    project: session.project,
    reporter,
    yes: true,
    skipDoctor: false,
    env,
    confirmRollback,
  });
  return { code, lines: reporter.lines };
}

test("a stack is deployed by its doctor, the real engine and the smoke test", async () => {
  const { project, engine } = session;
  const early = await examine(STACK, { project, reporter: recordingReporter(), env });
  expect(early.findings.filter(({ level }) => level === "problem")).toEqual([
    {
      check: "stack",
      level: "problem",
      found: "the backend has no stack 'trial'",
      advice: "make it: npm run pulumi -- stack init trial",
    },
  ]);
  const init = ["stack", "init", STACK, "--no-select", "--non-interactive"];
  expect((await capture(engine.command, init, { cwd: project.root, env })).code).toBe(0);

  const first = await deployTrial();
  expect(first.lines.at(-2)).toContain("6 passed, 0 failed");
  expect(first.lines.at(-1)).toMatch(
    /^Put this on your pages:\n\n<script src="http:\/\/localhost:/,
  );
  expect(first.code).toBe(0);
}, 400_000);

test("a deployment that is broken is rolled back, and the next one is uploaded as always", async () => {
  // The contract's code for a request that is no upgrade.
  await checkout.edit("worker/src/join.ts", '"upgrade_required"', '"upgrade_demanded"');
  const questions: string[] = [];
  const broken = await deployTrial(async (question) => {
    questions.push(question);
    return true;
  });
  expect(broken.lines.join("\n")).toContain(
    "  ok       script: 'visitor-tracker-trial' is deployed, its objects at migration tag 'v2': the newest",
  );
  expect(questions).toEqual([
    expect.stringMatching(
      /^The smoke test failed\. Roll 'visitor-tracker-trial' back to the version that ran since \S+ \([\da-f-]{36}\)\?$/,
    ),
  ]);
  const text = broken.lines.join("\n");
  expect(text.match(/smoke test of .*/g)).toEqual([
    expect.stringContaining("5 passed, 1 failed"),
    expect.stringContaining("6 passed, 0 failed"),
  ]);
  expect(broken.lines.at(-1)).toBe("The version before passes the smoke test.");
  expect(broken.code).toBe(1);
  expect(await codeOfRefusal()).toBe("upgrade_required");

  // As a workflow's job that is run again: it must not pass by testing the version before.
  const again = await deployTrial(async () => true);
  expect(again.lines.join("\n")).toMatch(
    /WARNING {2}version: not the one that this stack uploaded last: version \S+ serves since \S+ \(\S+ "npm run deploy: the smoke test failed"\)/,
  );
  expect(again.lines.join("\n")).toContain("5 passed, 1 failed");
  expect(again.code).toBe(1);

  // And as always, once it is repaired.
  await checkout.edit("worker/src/join.ts", '"upgrade_demanded"', '"upgrade_required"');
  expect(await deployTrial()).toMatchObject({ code: 0 });
  expect(await codeOfRefusal()).toBe("upgrade_required");
}, 400_000);

type Shares = readonly (readonly [id: string, percentage: number])[];

describe("what somebody else puts in force", { timeout: 400_000 }, () => {
  const BLOG = "https://blog.example.com";
  let [before, after]: [string, string] = ["", ""];
  beforeAll(async () => {
    before = await servingVersion();
    const { engine, project } = session;
    const set = ["config", "set", "--stack", STACK, "--path", "allowedOrigins[1]", BLOG];
    await capture(engine.command, set, { cwd: project.root, env });
    await deployTrial();
    after = await servingVersion();
  }, 400_000);

  test.each<[string, () => Shares]>([
    ["a version with other settings that is put back", () => [[before, 100]]],
    [
      "a part of the requests that an older version gets",
      () => [
        [before, 50],
        [after, 50],
      ],
    ],
  ])(
    "%s is named by doctor, drift and preview, and replaced by the next update",
    async (...[, shares]) => {
      const { project, engine } = session;
      await putInForce(shares());
      const named = shares()
        .map(([id]) => id)
        .join(".*");
      const { findings } = await examine(STACK, { project, reporter: recordingReporter(), env });
      expect(findings.filter(({ level }) => level === "warning")).toEqual([
        {
          check: "version",
          level: "warning",
          found: expect.stringMatching(
            new RegExp(`^not the one that this stack uploaded last: .*${named}.*"by hand"`),
          ),
          advice:
            "an update puts this stack's in its place: npm run deploy; to keep it, let code and config say the same first",
        },
      ]);
      const run = { command: engine.command, cwd: project.root, env };
      expect(await findForeignServing(project, STACK, run)).toMatch(
        new RegExp(`${named}.*"by hand"`),
      );
      const previewed = await capture(engine.command, ["preview", "--json", "--stack", STACK], run);
      const { verdict, changes } = describeDigest(parseDigest(previewed.stdout));
      expect(verdict).toBe("loses");
      expect(changes.map(({ text }) => toPlain(text))[0]).toMatch(
        /^Something else serves than what this stack uploaded last: deployment '\S+', a rollback or another tool's\. This update puts this stack's version in its place$/,
      );

      expect(await deployTrial()).toMatchObject({ code: 0 });
      expect(await isAllowed(BLOG)).toBe(true);
      expect(await findForeignServing(project, STACK, run)).toBeUndefined();
      const nothing = ["preview", "--expect-no-changes", "--stack", STACK];
      const settled = await capture(engine.command, nothing, run);
      expect(settled.code, settled.stdout).toBe(0);
      expect(settled.stdout).not.toContain("does not serve");
      after = await servingVersion();
    },
  );
});

const deployments = (): string => {
  const { apiUrl, accountId } = session.cloud;
  return `${apiUrl}/accounts/${accountId}/workers/scripts/visitor-tracker-${STACK}/deployments`;
};

async function servingVersion(): Promise<string> {
  const response = await fetch(deployments(), { headers: { authorization: "Bearer test" } });
  const [newest] = list(field(field(await response.json(), "result"), "deployments"));
  const [version] = list(field(newest, "versions"));
  return String(field(version, "version_id"));
}

/** As the dashboard and `wrangler rollback` do. */
async function putInForce(shares: Shares) {
  const versions = shares.map(([version_id, percentage]) => ({ version_id, percentage }));
  const annotations = { "workers/message": "by hand" };
  const response = await fetch(deployments(), {
    method: "POST",
    headers: { authorization: "Bearer test", "content-type": "application/json" },
    body: JSON.stringify({ strategy: "percentage", versions, annotations }),
  });
  expect(response.status, await response.text()).toBe(200);
}

async function isAllowed(origin: string): Promise<boolean> {
  const response = await fetch(`${session.cloud.edgeUrl}/health`, { headers: { origin } });
  return response.headers.get("access-control-allow-origin") === origin;
}

async function codeOfRefusal(): Promise<unknown> {
  const query = "page=/a&userId=test-user-123";
  const response = await fetch(`${session.cloud.edgeUrl}/ws?${query}`, {
    headers: { origin: "https://example.com" },
  });
  const body: unknown = await response.json();
  return field(field(body, "error"), "code");
}

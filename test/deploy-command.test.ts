import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { capture } from "../scripts/lib/child.ts";
import { deploy, type DeployOptions } from "../scripts/lib/deploy/deploy.ts";
import { examine } from "../scripts/lib/doctor/examine.ts";
import { localEnvironment } from "../scripts/lib/environment.ts";
import { createInterruption } from "../scripts/lib/interruption.ts";
import { field } from "../scripts/lib/local-api.ts";
import { openSession, type LocalSession } from "../scripts/lib/local-session.ts";
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
  expect(again.lines).toContain(
    "the last update of stack trial was rolled back: refreshing its state",
  );
  expect(again.lines.join("\n")).toContain("5 passed, 1 failed");
  expect(again.code).toBe(1);

  // And as always, once it is repaired.
  await checkout.edit("worker/src/join.ts", '"upgrade_demanded"', '"upgrade_required"');
  expect(await deployTrial()).toMatchObject({ code: 0 });
  expect(await codeOfRefusal()).toBe("upgrade_required");
}, 400_000);

async function codeOfRefusal(): Promise<unknown> {
  const query = "page=/a&userId=test-user-123";
  const response = await fetch(`${session.cloud.edgeUrl}/ws?${query}`, {
    headers: { origin: "https://example.com" },
  });
  const body: unknown = await response.json();
  return field(field(body, "error"), "code");
}

import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { deploy, type DeployOptions } from "../lib/deploy/deploy.ts";
import { planRollback } from "../lib/deploy/rollback.ts";
import type { Active } from "../lib/deploy/versions.ts";
import { readTextIfPresent } from "../lib/files.ts";
import type { SmokeVerdict } from "../smoke.ts";
import { ACCOUNT, HEALTHY, patient, SCRIPTS, TOKEN, type Patient } from "./doctor-support.ts";
import { recordingReporter, serve } from "./support.ts";

const OLD = "11111111-1111-4111-8111-111111111111";
const NEW = "22222222-2222-4222-8222-222222222222";
const DEPLOYMENTS = `${SCRIPTS}/visitor-tracker/deployments`;

interface Cloud {
  /** Versions that run, the newest first; an upload puts one in front. */
  versions: string[];
  tag: string;
  /** Bodies of what was posted. */
  posted: unknown[];
  /** Why a rollback is refused. @default it is not */
  refusal?: string;
}

/** Cloudflare's API with deployments that change, beside what the doctor asks for. */
async function withDeployments(cloud: Cloud): Promise<string> {
  return serve((request, response) => {
    const [path = ""] = (request.url ?? "").split("?");
    const answer = (result: unknown): void => send(response, 200, { success: true, result });
    const refuse = (status: number, code: number, message: string): void =>
      send(response, status, { success: false, errors: [{ code, message }], result: null });
    const isThere = cloud.versions.length > 0;
    if (path === DEPLOYMENTS && request.method === "POST") {
      if (cloud.refusal !== undefined) return refuse(400, 10_220, cloud.refusal);
      void json(request).then((body) => {
        cloud.posted.push(body);
        cloud.versions.unshift(OLD);
        return answer({ id: "d" });
      });
    } else if (path === DEPLOYMENTS && !isThere) refuse(404, 10_007, "This Worker does not exist");
    else if (path === DEPLOYMENTS) answer(deploymentsOf(cloud));
    else if (path === SCRIPTS) {
      answer(isThere ? [{ id: "visitor-tracker", migration_tag: cloud.tag }] : []);
    } else answer(HEALTHY[path] ?? []);
  });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function deploymentsOf({ versions }: Cloud): object {
  const deployments = versions.map((version_id, index) => ({
    id: `d${index}`,
    created_on: "2026-11-23T10:00:00Z",
    strategy: "percentage",
    versions: [{ version_id, percentage: 100 }],
  }));
  return { deployments };
}

interface Scene {
  readonly cloud: Cloud;
  /** Failed checks of each smoke test, in order. */
  readonly smoke: readonly number[];
  /** What `pulumi up` does to the account. @default uploads version NEW */
  readonly uploads?: (cloud: Cloud) => void;
  readonly options?: Partial<DeployOptions>;
  readonly patient?: Patient;
}

interface Outcome {
  code: number;
  lines: string[];
  questions: string[];
  smoked: string[];
  /** Whether `pulumi up` ran. */
  isUp: boolean;
}

/** Deploys stack `prod` of a project of its own with a `pulumi` that only says what it was asked. */
async function act({ cloud, smoke, uploads = upload, ...given }: Scene): Promise<Outcome> {
  const worker = await serve((_request, response) => void response.end("{}"));
  const outputs = JSON.stringify({
    url: worker,
    wsUrl: `${worker}/ws`,
    allowedOrigins: ["https://*.a.example"],
    embed: "<visitor-count></visitor-count>",
    // The doctor takes a script that the stack does not know for somebody else's.
    ...(cloud.versions.length > 0 ? { scriptName: "visitor-tracker" } : {}),
  });
  const pulumi = [`[ "$1" = up ] && echo "$*" > up && exit`, `echo '${outputs}'`];
  const { project, env } = given.patient ?? (await patient({ pulumi }));
  const reporter = recordingReporter();
  const questions: string[] = [];
  const smoked: string[] = [];
  const verdicts = [...smoke];
  const code = await deploy("prod", {
    project,
    reporter,
    yes: true,
    skipDoctor: false,
    env: { ...env, CLOUDFLARE_BASE_URL: await withDeployments(cloud) },
    confirmRollback: async (question) => questions.push(question) > 0,
    smoke: async (_url, { origin = "" }): Promise<SmokeVerdict> => {
      // The first one follows the upload.
      if (smoked.push(origin) === 1) uploads(cloud);
      const failed = verdicts.shift() ?? Number.NaN;
      return { passed: 6 - failed, failed };
    },
    ...given.options,
  });
  const up = await readTextIfPresent(join(project.root, "up"));
  return { code, lines: reporter.lines, questions, smoked, isUp: up === "up --stack prod --yes\n" };
}

function upload(cloud: Cloud): void {
  cloud.versions.unshift(NEW);
}

function migrate(cloud: Cloud): void {
  cloud.tag = "v2";
  cloud.versions.unshift(NEW);
}

function cloudWith(...versions: string[]): Cloud {
  return { versions, tag: "v2", posted: [] };
}

describe("npm run deploy", () => {
  test("asks the doctor, updates, and tests what it deployed from an allowed origin", async () => {
    const { code, lines, smoked, questions, isUp } = await act({
      cloud: cloudWith(OLD),
      smoke: [0],
    });
    expect([code, isUp]).toEqual([0, true]);
    expect(smoked).toEqual(["https://smoke-test.a.example"]);
    expect(questions).toEqual([]);
    expect(lines.at(-1)).toBe("Put this on your pages:\n\n<visitor-count></visitor-count>");
    expect(lines.join("\n")).toContain("stack prod can be deployed: 12 ok, 0 warnings, 0 problems");
  });

  test("changes nothing when the doctor finds a problem, unless told to", async () => {
    const ill = await patient({ config: [`  visitor-tracker:accountId: "${ACCOUNT}"`] });
    const { code, lines, isUp } = await act({ cloud: cloudWith(OLD), smoke: [], patient: ill });
    expect([code, isUp]).toEqual([1, false]);
    expect(lines.at(-1)).toBe("Nothing was changed. To deploy all the same: --skip-doctor");
    const skipped = await act({ cloud: cloudWith(), smoke: [0], options: { skipDoctor: true } });
    expect([skipped.code, skipped.isUp]).toEqual([0, true]);
    expect(skipped.lines.some((line) => line.startsWith("checking:"))).toBe(false);
  });

  test("passes on the exit code of an update that failed, and tests nothing", async () => {
    const known = `echo '{"scriptName": "visitor-tracker"}'`;
    const failing = await patient({ pulumi: ['[ "$1" = up ] && exit 7', known] });
    const { code, smoked } = await act({ cloud: cloudWith(OLD), smoke: [], patient: failing });
    expect([code, smoked]).toEqual([7, []]);
  });
});

describe("a deployment that fails the smoke test", () => {
  test("is rolled back when the person says so, and what runs then is tested", async () => {
    const cloud = cloudWith(OLD);
    const { code, lines, questions, smoked } = await act({ cloud, smoke: [1, 0] });
    expect(code).toBe(1);
    expect(questions).toEqual([
      `The smoke test failed. Roll 'visitor-tracker' back to the version that ran since 2026-11-23T10:00:00Z (${OLD})?`,
    ]);
    expect(cloud.posted).toEqual([
      {
        strategy: "percentage",
        versions: [{ version_id: OLD, percentage: 100 }],
        annotations: { "workers/message": "npm run deploy: the smoke test failed" },
      },
    ]);
    expect(smoked).toHaveLength(2);
    expect(lines.at(-1)).toBe("The version before passes the smoke test.");
    expect(lines.at(-2)).toBe(
      "The next update takes it out of force, also when code and config are the same as now: its preview says so.",
    );
  });

  test("stays when the person says no, with the command to do it later", async () => {
    const cloud = cloudWith(OLD);
    const options = { confirmRollback: async () => false };
    const { code, lines } = await act({ cloud, smoke: [2], options });
    expect([code, cloud.posted]).toEqual([1, []]);
    expect(lines.at(-1)).toBe(
      `Not rolled back. To do it: npx wrangler rollback ${OLD} --name visitor-tracker`,
    );
  });

  test("is not rolled back across a migration, which Cloudflare refuses", async () => {
    const cloud = { ...cloudWith(OLD), tag: "v1" };
    const { lines, questions } = await act({ cloud, smoke: [1], uploads: migrate });
    expect(questions).toEqual([]);
    expect(lines.at(-1)).toContain("a Durable Object migration lies between ('v1' to 'v2')");
  });

  test("has no way back when it was the first", async () => {
    const { code, lines } = await act({ cloud: cloudWith(), smoke: [6] });
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe(
      "The smoke test failed, and there is no way back by itself: this was the first deployment, nothing ran before.",
    );
  });

  test("keeps running when Cloudflare refuses the rollback, and says so", async () => {
    const cloud = { ...cloudWith(OLD), refusal: `not with ${TOKEN}` };
    const { code, lines, smoked } = await act({ cloud, smoke: [1] });
    expect([code, smoked.length]).toEqual([1, 1]);
    expect(lines.at(-1)).toBe(
      "Not rolled back: the API answered 400, 10220 not with [token]. What was deployed still runs.",
    );
  });

  test("may have had a fault that was there before", async () => {
    const { code, lines } = await act({ cloud: cloudWith(OLD), smoke: [1, 1] });
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe("The version before fails it too.");
  });
});

describe("the way back", () => {
  const old: Active = { kind: "version", id: OLD, since: "then", tag: "v2" };

  test.each([
    [old, { ...old, id: NEW }, { versionId: OLD, since: "then" }],
    [old, old, { reason: expect.stringContaining("uploaded no new version") }],
    [old, { kind: "none" }, { reason: "the account has no such script any more" }],
    [
      { kind: "unknown", reason: "the API answered 501" },
      old,
      { reason: "what ran before is not known: the API answered 501" },
    ],
    [old, { kind: "unknown", reason: "x" }, { reason: "what runs now is not known: x" }],
  ] as const)("from %j to %j is %j", (before, after, plan) => {
    expect(planRollback(before, after)).toEqual(plan);
  });
});

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { capture } from "../lib/child.ts";
import { examine } from "../lib/doctor/examine.ts";
import { problem, type Finding } from "../lib/doctor/finding.ts";
import { checkNode, findEngine } from "../lib/doctor/machine.ts";
import { findingsAsJson, renderFindings } from "../lib/doctor/report.ts";
import { CHECKOUT } from "../lib/project.ts";
import {
  ACCOUNT,
  CONFIG,
  Failure,
  fakeApi,
  HEALTHY,
  patient,
  ROUTES,
  see,
  SUBDOMAIN,
  TOKEN,
  type Answers,
} from "./doctor-support.ts";
import { recordingReporter, temporaryFolder } from "./support.ts";

describe("secrets", () => {
  test("are in nothing that the doctor says, whoever repeats them", async () => {
    const answers: Answers = {
      ...HEALTHY,
      [`/accounts/${ACCOUNT}`]: { name: `the account of ${TOKEN}` },
      [SUBDOMAIN]: new Failure(400, 6_003, `bad header Bearer ${TOKEN}`),
      [ROUTES]: [{ pattern: "example.com/live/*", script: TOKEN }],
    };
    const { findings } = await see(await patient(), answers);
    expect(findings.filter(({ level }) => level === "problem")).toHaveLength(2);
    const text = renderFindings("prod", findings) + findingsAsJson("prod", findings);
    expect(text).not.toContain(TOKEN);
    expect(text).toContain("'the account of [secret]' can be reached");
    expect(text).toContain("it runs the script '[secret]'");
    expect(text).toContain("bad header Bearer [token]");
  });

  test("from the config are used, and said as little", async () => {
    const other = "from-the-config-0123456789abcdef0123456789abcdef";
    const config = [...CONFIG, `  cloudflare:apiToken: ${other}`];
    const { project, env } = await patient({ config });
    const { baseUrl, authorizations } = await fakeApi({});
    const { findings } = await examine("prod", {
      project,
      reporter: recordingReporter(),
      env: { ...env, CLOUDFLARE_BASE_URL: baseUrl },
    });
    expect([...authorizations]).toEqual([`Bearer ${other}`]);
    expect(JSON.stringify(findings)).not.toContain(other);
  });
});

describe("this machine", () => {
  test("needs Node 24", () => {
    expect(checkNode("24.0.0").level).toBe("ok");
    expect(checkNode("22.18.0")).toMatchObject({
      level: "problem",
      found: "22.18.0, and 24 or later is needed",
    });
  });

  test("without an engine gets none from the doctor", async () => {
    const home = temporaryFolder();
    const { finding, engine } = await findEngine({ path: "/usr/bin:/bin", home });
    expect(engine).toBeNull();
    expect(finding).toMatchObject({ level: "warning", found: "none yet (on PATH: there is none)" });
  });
});

describe("npm run doctor", () => {
  test("exits with 1 on a problem, and its JSON is one line", async () => {
    const { env } = await patient();
    const run = (...args: string[]) =>
      capture(process.execPath, [join(CHECKOUT, "scripts/doctor.ts"), ...args], { env });
    // This checkout's production stack has no account.
    const [told, missing, misspelt] = await Promise.all([
      run("--json"),
      run("--stack", "nowhere"),
      run("--stak"),
    ]);
    expect([told.code, told.stdout.trimEnd().split("\n").length]).toEqual([1, 1]);
    expect(JSON.parse(told.stdout)).toMatchObject({
      stack: "prod",
      ok: false,
      findings: [{ check: "Node" }, {}, { check: "stack config", level: "problem" }, {}, {}],
    });
    expect(missing.code).toBe(1);
    expect(missing.stdout).toContain("There is no Pulumi.nowhere.yaml");
    expect(misspelt.code).toBe(2);
  }, 30_000);

  test("says each finding in a line, what to do below it, and ends with a summary", () => {
    const findings: Finding[] = [
      { check: "Node", level: "ok", found: "24.21.0" },
      problem("zone", "two:\nlines", "do this\nor that"),
      { check: "plan", level: "skipped", found: "unknown" },
    ];
    expect(renderFindings("prod", findings)).toBe(
      [
        "  ok       Node: 24.21.0",
        "  PROBLEM  zone: two:",
        "           lines",
        "           -> do this",
        "           -> or that",
        "  -        plan: unknown",
        "stack prod is not ready to be deployed: 1 ok, 0 warnings, 1 problem, 1 not known",
      ].join("\n"),
    );
  });
});

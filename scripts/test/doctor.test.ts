import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startLocalCloud } from "../../localcloud/src/index.ts";
import { examine } from "../lib/doctor/examine.ts";
import { hasProblems } from "../lib/doctor/report.ts";
import { LOCAL_ZONES } from "../lib/project.ts";
import {
  ACCOUNT,
  CONFIG,
  Failure,
  fakeApi,
  HEALTHY,
  levels,
  patient,
  SCRIPTS,
  see,
  TOKEN,
} from "./doctor-support.ts";
import { recordingReporter, serve, temporaryFolder } from "./support.ts";

describe("the doctor", () => {
  test("finds nothing wrong with what is right, and asks by reading alone", async () => {
    const { project, env } = await patient();
    const { baseUrl, requests, authorizations } = await fakeApi(HEALTHY);
    const reporter = recordingReporter();
    const { findings } = await examine("prod", {
      project,
      reporter,
      env: { ...env, CLOUDFLARE_BASE_URL: `${baseUrl}/` },
    });
    expect(levels(findings)).toEqual([
      "Node: ok",
      "Pulumi engine: ok",
      "stack config: ok",
      "stack: ok",
      "API token: ok",
      "account: ok",
      "script: ok",
      "workers.dev: ok",
      "zone: ok",
      "route: ok",
      "DNS: ok",
      "plan: ok",
    ]);
    expect(reporter.lines).toEqual(findings.map(({ check }) => `checking: ${check}`));
    expect(requests).toHaveLength(8);
    expect(requests.filter((line) => !line.startsWith("GET /"))).toEqual([]);
    expect([...authorizations]).toEqual([`Bearer ${TOKEN}`]);
  });

  test("stops at a config that is not valid, with all that is wrong", async () => {
    const ill = await patient({ config: ["  visitor-tracker:accountId: nope"] });
    const { findings, site } = await see(ill, HEALTHY);
    expect(site).toBeUndefined();
    expect(levels(findings).slice(2)).toEqual([
      "stack config: problem",
      "stack: ok",
      "account: skipped",
    ]);
    expect(findings[2]?.found.split("\n")).toEqual([
      "Pulumi.prod.yaml has 3 problems:",
      expect.stringMatching(/^accountId: 'nope' is not /),
      expect.stringMatching(/^allowedOrigins: is not set/),
      expect.stringMatching(/^workersDev: the Worker would have no address/),
    ]);
    expect(findings[2]?.advice?.split("\n")).toHaveLength(3);
  });

  test("asks nothing with a token that does not work", async () => {
    const invalid = new Failure(401, 1000, "Invalid API Token");
    const { findings } = await see(await patient(), { "/user/tokens/verify": invalid });
    expect(levels(findings).slice(-2)).toEqual(["API token: problem", "account: skipped"]);
  });

  test("warns of a passphrase that is not set, and not of an empty one", async () => {
    const { project, env } = await patient();
    const file = join(project.root, "Pulumi.prod.yaml");
    await appendFile(file, "encryptionsalt: v1:x\n");
    const passphraseIn = async (more: NodeJS.ProcessEnv) =>
      (await see({ project, env: { ...env, ...more } }, HEALTHY)).findings.find(
        ({ check }) => check === "passphrase",
      );
    expect(await passphraseIn({})).toMatchObject({
      level: "warning",
      advice: "export PULUMI_CONFIG_PASSPHRASE=…",
    });
    expect(await passphraseIn({ PULUMI_CONFIG_PASSPHRASE: "" })).toBeUndefined();
    expect(await passphraseIn({ PULUMI_CONFIG_PASSPHRASE_FILE: "f" })).toBeUndefined();
  });

  test("says how to get a token when there is none", async () => {
    const { project, env } = await patient();
    const { findings } = await see({ project, env: { ...env, CLOUDFLARE_API_TOKEN: "" } }, HEALTHY);
    expect(findings.at(-1)).toMatchObject({
      check: "API token",
      level: "problem",
      found: "CLOUDFLARE_API_TOKEN is not set",
    });
    expect(findings.at(-1)?.advice).toContain(
      "https://dash.cloudflare.com/profile/api-tokens?permissionGroupKeys=",
    );
  });

  test.each([
    ["error: no stack named 'prod' found", "the backend has no stack 'prod'", "stack init prod"],
    [
      "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
      "Pulumi is not logged in to where the state is kept",
      "pulumi -- login",
    ],
    [
      "error: passphrase must be set",
      "the stack's secrets cannot be read: error: passphrase",
      "export PULUMI_CONFIG_PASSPHRASE",
    ],
    ["error: no space left", "pulumi stack output failed: error: no space left", "put that right"],
  ])("explains what the CLI says: %s", async (said, found, advice) => {
    const ill = await patient({ pulumi: [`echo "${said}" >&2`, "exit 255"] });
    const { findings } = await see(ill, HEALTHY);
    const stack = findings.find(({ check }) => check === "stack");
    expect(stack?.level).toBe("problem");
    expect(stack?.found).toContain(found);
    expect(stack?.advice).toContain(advice);
  });

  test("knows from the stack's outputs that a script is its own", async () => {
    const deployed = await patient({ pulumi: [`echo '{"scriptName":"visitor-tracker"}'`] });
    const scripts = [{ id: "visitor-tracker" }];
    expect(levels((await see(deployed, { ...HEALTHY, [SCRIPTS]: scripts })).findings)).toContain(
      "script: ok",
    );
    const fresh = await see(await patient(), { ...HEALTHY, [SCRIPTS]: scripts });
    expect(levels(fresh.findings)).toContain("script: problem");
  });

  test("decrypts by the CLI what the config has encrypted", async () => {
    const config = ["  visitor-tracker:accountId: { secure: v1:abc }", ...CONFIG.slice(1)];
    const get = `[ "$1 $2 $3" = "config get accountId" ] && echo ${ACCOUNT} && exit`;
    const good = await see(await patient({ config, pulumi: [get, 'echo "{}"'] }), HEALTHY);
    expect(hasProblems(good.findings)).toBe(false);
    const bad = await see(
      await patient({ config, pulumi: ["echo error: no key >&2", "exit 1"] }),
      {},
    );
    expect(bad.findings[2]?.found).toBe(
      "accountId is encrypted, and cannot be decrypted here: error: no key",
    );
  });

  test("gives up on what does not answer in time, and goes on", async () => {
    const { project, env } = await patient({ pulumi: ["exec sleep 60"] });
    const baseUrl = await serve(() => {});
    const { findings } = await examine("prod", {
      project,
      reporter: recordingReporter(),
      env: { ...env, CLOUDFLARE_BASE_URL: baseUrl },
      limitMs: 1_000,
    });
    const slow = findings.filter(({ found }) => found === "nothing for 1 s");
    expect(levels(slow)).toEqual(["stack: problem", "API token: problem"]);
  });
});

describe("on the local cloud", () => {
  test("all that it has is checked, and the user's token stays away", async () => {
    const dir = temporaryFolder();
    const warnings: string[] = [];
    const onWarning = (message: string): void => void warnings.push(message);
    const cloud = await startLocalCloud({
      dir,
      zones: LOCAL_ZONES,
      port: 0,
      edgePort: 0,
      onWarning,
    });
    onTestFinished(() => cloud.close());
    const { project, env } = await patient({
      config: [
        `  visitor-tracker:accountId: "${cloud.accountId}"`,
        "  visitor-tracker:allowedOrigins: [none]",
        "  visitor-tracker:workersDev: true",
        "  visitor-tracker:route: visitors.localhost/live/*",
        "  visitor-tracker:customDomain: count.localhost",
        `  visitor-tracker:cloudflareBaseUrl: ${cloud.apiUrl}`,
        "  visitor-tracker:zone: localhost",
      ],
    });
    const { findings } = await examine("prod", { project, reporter: recordingReporter(), env });
    expect(levels(findings).slice(4)).toEqual([
      "API token: ok",
      "account: ok",
      "script: ok",
      "workers.dev: ok",
      "zone: ok",
      "route: ok",
      "DNS: ok",
      "custom domain: ok",
      "plan: skipped",
    ]);
    expect(warnings).toEqual([expect.stringContaining("does not have GET /accounts/")]);
  }, 30_000);

  test("gets no token of the user's", async () => {
    const { baseUrl, authorizations } = await fakeApi(HEALTHY);
    const config = [...CONFIG, `  visitor-tracker:cloudflareBaseUrl: ${baseUrl}`];
    const { project, env } = await patient({ config });
    await examine("prod", { project, reporter: recordingReporter(), env });
    expect([...authorizations]).toEqual(["Bearer local"]);
  });
});

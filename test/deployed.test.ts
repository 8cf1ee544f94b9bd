import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { capture, type Captured } from "../scripts/lib/child.ts";
import { CHECKOUT } from "../scripts/lib/project.ts";
import { smoke } from "../scripts/smoke.ts";
import { shell, temporaryFolder, writeFiles } from "../scripts/test/support.ts";
import { describeDemoPage } from "./support/browser.ts";
import { describeContract } from "./support/contract.ts";
import { LocalStack } from "./support/local-stack.ts";

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.start();
  // All these clients share one address.
  const limits = "\n  visitor-tracker:limits:\n    upgradesPerMinute: 1000\n";
  const config = await stack.checkout.read("Pulumi.local.yaml");
  await stack.checkout.write("Pulumi.local.yaml", config.trimEnd() + limits);
  await stack.up();
});
afterAll(() => stack.stop());

test("the smoke test passes on the deployed stack", async () => {
  const lines: string[] = [];
  const verdict = await smoke(stack.cloud.edgeUrl, { log: (line) => lines.push(line) });
  expect(verdict, lines.join("\n")).toEqual({ passed: 6, failed: 0 });
});

test("the smoke test fails on something else", async () => {
  const verdict = await smoke(stack.cloud.apiUrl, { log: () => {} });
  expect(verdict).toEqual({ passed: 0, failed: 6 });
});

/** A CLI whose stacks all have these outputs; what it is asked to do is in the file `asked`. */
async function fakePulumi(outputs: unknown, upExitCode = 0): Promise<string> {
  const folder = temporaryFolder();
  await writeFiles(folder, {
    pulumi: shell(
      `echo "$@" >> ${join(folder, "asked")}`,
      'case "$1" in',
      "  version) echo v3.259.0 ;;",
      `  up) exit ${upExitCode} ;;`,
      `  stack) echo '${JSON.stringify(outputs)}' ;;`,
      "esac",
    ),
    "pulumi-language-nodejs": shell(),
  });
  return folder;
}

function deploy(pulumiFolder: string, ...args: string[]): Promise<Captured> {
  const path = [pulumiFolder, process.env["PATH"]].join(delimiter);
  return capture("node", [join(CHECKOUT, "scripts/deploy.ts"), ...args], {
    env: { ...process.env, PATH: path },
  });
}

describe("npm run deploy", () => {
  test("updates the stack and smoke-tests its address from an allowed origin", async () => {
    const { edgeUrl } = stack.cloud;
    const folder = await fakePulumi({
      url: edgeUrl,
      wsUrl: `${edgeUrl.replace("http", "ws")}/ws`,
      allowedOrigins: ["none", "http://localhost:*"],
    });
    const { code, stdout, stderr } = await deploy(
      folder,
      "--stack",
      "team",
      "--yes",
      "--skip-doctor",
    );
    expect(stdout + stderr).toContain("6 passed, 0 failed");
    expect(code).toBe(0);
    const asked = await readFile(join(folder, "asked"), "utf8");
    expect(asked).toContain("up --stack team --yes\n");
  });

  test("ends with Pulumi's exit code when the update fails", async () => {
    const { code, stdout } = await deploy(await fakePulumi({}, 4), "--yes", "--skip-doctor");
    expect(code).toBe(4);
    expect(stdout).not.toContain("smoke");
  });

  test.each([
    [["--stack", "local"], /npm run local/],
    [["--stak", "prod"], /--stak/],
  ])("%j is refused with a hint", async (args, hint) => {
    const { code, stderr } = await deploy(await fakePulumi({}), ...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(hint)]);
  });
});

describeContract("the deployed stack", "https://not-allowed.example", () => ({
  base: stack.cloud.edgeUrl,
  origin: stack.cloud.edgeUrl,
}));

describeDemoPage(() => ({
  base: stack.cloud.edgeUrl,
  async redeploy() {
    const file = "worker/src/index.ts";
    await stack.checkout.edit(file, /there is nothing at( now)*/, (found) => `${found} now`);
    await stack.up();
  },
}));

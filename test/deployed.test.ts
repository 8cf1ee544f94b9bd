import { afterAll, beforeAll, expect, test } from "vitest";
import { smoke } from "../scripts/smoke.ts";
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

import { expect, test } from "vitest";
import { runPlugin } from "../engine/language-host/plugin.ts";
import { temporaryFolder } from "./support.ts";

const OUTPUT = { stdout: (): void => {}, stderr: (): void => {} };
const { signal } = new AbortController();

test("a plugin that is no policy pack is refused by its kind", () => {
  const run = { kind: "resource", programDir: temporaryFolder(), args: [], env: [] };
  expect(() => runPlugin(run, OUTPUT, signal)).toThrow(
    "This language host runs no plugins of the kind 'resource', only policy packs; use the official Pulumi CLI.",
  );
});

test("a policy pack without the SDK is told how to get it", () => {
  const programDir = temporaryFolder();
  const run = { kind: "analyzer", programDir, args: [], env: [] };
  expect(() => runPlugin(run, OUTPUT, signal)).toThrow(
    `The Pulumi SDK is not installed: ${programDir} has no @pulumi/pulumi/cmd/run-policy-pack. Run npm ci.`,
  );
});

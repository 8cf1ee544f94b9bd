import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planInstallation } from "../engine/language-host/install.ts";
import { parseOptions, splitArguments } from "../engine/language-host/options.ts";
import { findDependencies, findProviders } from "../engine/language-host/packages.ts";
import { CHECKOUT } from "../lib/project.ts";
import { temporaryFolder, writeFiles } from "./support.ts";

const DEFAULTS = {
  typescript: true,
  tsconfig: null,
  nodeArgs: [],
  packageManager: "auto",
  production: false,
};

describe("runtime options", () => {
  test("have the official host's defaults", () => {
    expect(parseOptions({})).toEqual(DEFAULTS);
    const asked = { typescript: false, nodeargs: "--import tsx", packagemanager: "pnpm" };
    const parsed = { typescript: false, nodeArgs: ["--import", "tsx"], packageManager: "pnpm" };
    expect(parseOptions(asked)).toEqual({ ...DEFAULTS, ...parsed });
  });

  test.each([
    [{ typescript: "no" }, 'runtime option typescript: "no" is not a boolean.'],
    [{ nodeargs: ["-v"] }, 'runtime option nodeargs: ["-v"] is not a string.'],
    [
      { packagemanager: "cargo" },
      'runtime option packagemanager: "cargo" is not auto, npm, yarn, pnpm or bun.',
    ],
    [
      { nodeargs: "--title 'a b" },
      "runtime option nodeargs: ' is not closed in '--title 'a b'; close it.",
    ],
  ])("%j are refused with the value and what it may be", (options, message) => {
    expect(() => parseOptions(options)).toThrow(message);
  });

  test.each([
    ["", []],
    ["  -a   b ", ["-a", "b"]],
    [`--title='a "b" c' x`, [`--title=a "b" c`, "x"]],
    [String.raw`"a \"b\" \n" c\ d ''`, [String.raw`a "b" \n`, "c d", ""]],
  ])("node's arguments %j are %j", (text, words) => {
    expect(splitArguments(text)).toEqual(words);
  });

  test("any words come back from their quoted form", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
        expect(splitArguments(quoted.join(" "))).toEqual(words);
      }),
    );
  });
});

describe("packages", () => {
  test("that belong to a provider are found where Node would look, the nearest first", async () => {
    const root = temporaryFolder();
    await writeFiles(root, {
      "node_modules/@pulumi/aws/package.json": JSON.stringify({
        name: "@pulumi/aws",
        version: "7.0.0",
        pulumi: { resource: true },
      }),
      "node_modules/@pulumi/pulumi/package.json": JSON.stringify({
        name: "@pulumi/pulumi",
        version: "3.0.0",
      }),
      "node_modules/third/package.json": JSON.stringify({
        name: "third",
        version: "1.0.0",
        pulumi: { resource: true, name: "thing", version: "v2.0.0", server: "https://example.org" },
      }),
      "node_modules/nameless/package.json": JSON.stringify({
        name: "nameless",
        version: "1.0.0",
        pulumi: { resource: true },
      }),
      "node_modules/broken/package.json": "{",
      "infra/node_modules/@pulumi/aws/package.json": JSON.stringify({
        name: "@pulumi/aws",
        version: "6.0.0",
        pulumi: { resource: true, name: "aws" },
      }),
    });
    expect(findProviders(join(root, "infra"))).toEqual([
      { name: "aws", version: "v6.0.0", server: "" },
      { name: "thing", version: "v2.0.0", server: "https://example.org" },
    ]);
  });

  test("of this project include the cloudflare provider of the SDK", () => {
    expect(findProviders(join(CHECKOUT, "infra"))).toEqual([
      { name: "cloudflare", version: "v6.22.1", server: "" },
    ]);
  });

  test("that a program depends on are listed with the versions installed, a circle too", async () => {
    const root = temporaryFolder();
    await writeFiles(root, {
      "package.json": JSON.stringify({ dependencies: { a: "*", missing: "*" } }),
      "node_modules/a/package.json": JSON.stringify({
        name: "a",
        version: "1.0.0",
        dependencies: { b: "*" },
      }),
      "node_modules/b/package.json": JSON.stringify({
        name: "b",
        version: "2.0.0",
        dependencies: { a: "*" },
      }),
    });
    const [a, b] = [
      { name: "a", version: "1.0.0" },
      { name: "b", version: "2.0.0" },
    ];
    expect(findDependencies(root, false)).toEqual([a]);
    expect(findDependencies(root, true)).toEqual([a, b]);
  });

  test("are installed at the workspace's root by the manager whose lockfile is there", async () => {
    const root = temporaryFolder();
    await writeFiles(root, { "pnpm-lock.yaml": "", "infra/package.json": "{}" });
    const infra = join(root, "infra");
    const options = parseOptions({ production: true });
    expect(planInstallation(infra, options)).toEqual({
      manager: "pnpm",
      args: ["install", "--prod"],
      cwd: root,
    });
    const asked = parseOptions({ packagemanager: "npm" });
    expect(planInstallation(infra, asked)).toEqual({
      manager: "npm",
      args: ["install"],
      cwd: root,
    });
  });
});

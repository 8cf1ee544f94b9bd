import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  GO_MODULE_DIR,
  isGoSuitable,
  isSuitable,
  parseVersion,
  pinnedVersion,
} from "../engine/version.ts";

describe("the pinned version", () => {
  test("is what go.mod requires, and go.sum knows its hash", () => {
    expect(pinnedVersion()).toBe("3.259.0");
    const sums = readFileSync(join(GO_MODULE_DIR, "go.sum"), "utf8").split("\n");
    const pkg = "github.com/pulumi/pulumi/pkg/v3 v3.259.0";
    expect(sums.filter((line) => line.startsWith(pkg))).toHaveLength(2);
  });

  test.each([
    ["v3.259.0", { major: 3, minor: 259, patch: 0 }],
    ["3.260.1\n", { major: 3, minor: 260, patch: 1 }],
    ["v3.260.0-alpha.1+dirty", { major: 3, minor: 260, patch: 0 }],
    ["", null],
    ["unknown", null],
    ["v3.259", null],
  ])("%j is read as %j", (text, version) => {
    expect(parseVersion(text)).toEqual(version);
  });

  test.each([
    [{ major: 3, minor: 259, patch: 0 }, true],
    [{ major: 3, minor: 300, patch: 4 }, true],
    [{ major: 3, minor: 258, patch: 9 }, false],
    [{ major: 4, minor: 300, patch: 0 }, false],
    [{ major: 2, minor: 300, patch: 0 }, false],
  ])("a CLI of version %j suits: %j", (found, suits) => {
    expect(isSuitable(found, { major: 3, minor: 259, patch: 1 })).toBe(suits);
  });

  test.each([
    ["go1.25.0", true],
    ["go1.26.8", true],
    ["go2.0", true],
    ["go1.24.9", false],
    ["go1.9", false],
    ["", false],
  ])("Go %j can build it: %j", (version, can) => {
    expect(isGoSuitable(version)).toBe(can);
  });
});

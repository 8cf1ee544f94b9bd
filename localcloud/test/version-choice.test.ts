import fc from "fast-check";
import { expect, test } from "vitest";
import { type VersionWish, chooseVersion } from "../src/edge/version-choice.ts";
import type { ServingVersion } from "../src/runtime/types.ts";

function split(shares: Record<string, number>): ServingVersion[] {
  return Object.entries(shares).map(([id, percentage]) => ({
    id,
    percentage,
    runsAs: `app:${id}`,
  }));
}

function chosen(
  shares: Record<string, number>,
  wish: Partial<VersionWish> = {},
  random = 0,
): string | undefined {
  const full = { script: "app", key: undefined, overrides: undefined, ...wish };
  return chooseVersion(split(shares), full, () => random)?.id;
}

test.each([
  [0, "b"],
  [0.199, "b"],
  [0.2, "a"],
  [0.999, "a"],
])("a request without a key that draws %f gets version %s of 20 and 80", (random, version) => {
  expect(chosen({ b: 20, a: 80 }, {}, random)).toBe(version);
});

test("a script without a deployment has no version", () => {
  expect(chosen({})).toBeUndefined();
});

test("a version with no share gets no request, whatever is drawn and whatever the key", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true }), fc.string(), (random, key) => {
      expect(chosen({ a: 0, b: 100, c: 0 }, {}, random)).toBe("b");
      expect(chosen({ a: 0, b: 100, c: 0 }, { key })).toBe("b");
    }),
  );
});

test("keys are spread as the shares say", () => {
  const keys = Array.from({ length: 10_000 }, (_, index) => `visitor ${index}`);
  const hits = keys.filter((key) => chosen({ b: 20, a: 80 }, { key }) === "b").length;
  // Deterministic: the hash decides. Four standard deviations of 10,000 draws are 160.
  expect(Math.abs(hits - 2_000)).toBeLessThan(160);
});

test("a key gets one version, and keeps a version whose share grows", () => {
  const share = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(fc.string(), share, share, (key, one, other) => {
      const [before, after] = [Math.min(one, other), Math.max(one, other)];
      const first = chosen({ b: before, a: 100 - before }, { key });
      expect(chosen({ b: before, a: 100 - before }, { key }, 0.999)).toBe(first);
      const second = chosen({ b: after, a: 100 - after }, { key });
      expect([first, second]).not.toEqual(["b", "a"]);
    }),
  );
});

test("shares that do not quite add up leave nobody without a version", () => {
  expect(chosen({ a: 33.3, b: 33.3, c: 33.3, d: 0 }, {}, 0.9999)).toBe("c");
});

test.each([
  ['app="a"', "a"],
  ['other="b", app="a"', "a"],
  ['app="b",app="a"', "a"],
  ['other="a"', "b"],
  ['app="gone"', "b"],
  ["app=a", "b"],
  ['app="a', "b"],
  ['xapp="a"', "b"],
  ["", "b"],
])("the override %j leads to version %s, though it has no share", (overrides, version) => {
  expect(chosen({ a: 0, b: 100 }, { overrides })).toBe(version);
});

test("an override of the only version changes nothing", () => {
  expect(chosen({ a: 100 }, { overrides: 'app="gone"' })).toBe("a");
});

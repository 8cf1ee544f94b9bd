import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { generate, GENERATED, keepReleases } from "../generate.ts";
import type { LiveRelease } from "../src/live/release.ts";

function release(version: string): LiveRelease {
  return { version, hash: `hash of ${version}`, js: `script of ${version}` };
}

test("the generated files are what the sources make; if not, run `npm run generate`", async () => {
  const files = await generate();
  expect((await readdir(GENERATED)).toSorted()).toEqual([...files.keys()].toSorted());
  for (const [name, text] of files) {
    const isCurrent = (await readFile(new URL(name, GENERATED), "utf8")) === text;
    expect(isCurrent, `${name} is out of date: run \`npm run generate\``).toBe(true);
  }
});

test("the first script of a version is kept as its release, and later changes are not", () => {
  const kept = keepReleases([release("1.0.0")], release("1.1.0"));
  expect(kept).toEqual([release("1.1.0"), release("1.0.0")]);
  expect(keepReleases(kept, { ...release("1.1.0"), js: "changed" })).toBe(kept);
});

test("before the first release nothing is kept", () => {
  expect(keepReleases([], release("0.0.0"))).toEqual([]);
});

test("the eleventh release from the newest goes", () => {
  let kept: readonly LiveRelease[] = [];
  for (let minor = 0; minor <= 10; minor++) kept = keepReleases(kept, release(`1.${minor}.0`));
  expect(kept.map(({ version }) => version)).toEqual(
    [10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map((minor) => `1.${minor}.0`),
  );
});

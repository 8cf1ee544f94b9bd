import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHECKOUT } from "../lib/project.ts";
import { listTarball } from "../lib/tarball.ts";

const CLIENT = join(CHECKOUT, "client");
const COMPONENT = join(CHECKOUT, "infra/package");

test("the client's tarball has its entries with their types and maps, the README, the licence, and no more", async () => {
  const files = await listTarball(CLIENT);
  // What entries share is named after its content.
  expect(files.map((file) => file.replace(/-[\w-]{8}(?=\.)/, "-HASH"))).toEqual([
    "LICENSE",
    "README.md",
    "dist/element.d.ts",
    "dist/element.js",
    "dist/element.js.map",
    "dist/index-HASH.d.ts",
    "dist/index.d.ts",
    "dist/index.js",
    "dist/react.d.ts",
    "dist/react.js",
    "dist/react.js.map",
    "dist/src-HASH.js",
    "dist/src-HASH.js.map",
    "package.json",
  ]);
}, 30_000);

test("the component's tarball has one file for programs of both kinds, the Worker's bundle, the README, the licence, and no more", async () => {
  expect(await listTarball(COMPONENT)).toEqual([
    "LICENSE",
    "README.md",
    "dist/index.d.ts",
    "dist/index.js",
    "dist/index.js.map",
    "dist/worker.js",
    "package.json",
  ]);
}, 30_000);

test("the component asks for nothing but Pulumi's own packages", async () => {
  const code = await readFile(join(COMPONENT, "dist/index.js"), "utf8");
  const packages = [...code.matchAll(/require\("(@[^/]+\/[^/"]+|[^"]+)/g)].map(([, name]) => name);
  const others = new Set(packages.filter((name = "") => !name.startsWith("node:")));
  expect(others).toEqual(new Set(["@pulumi/cloudflare", "@pulumi/pulumi"]));
});

test("the packages' licences are the repository's", async () => {
  const [ours, ...theirs] = await Promise.all(
    [CHECKOUT, CLIENT, COMPONENT].map((folder) => readFile(join(folder, "LICENSE"), "utf8")),
  );
  expect(theirs).toEqual([ours, ours]);
});

test("the client's maps have the sources in them, which the tarball has not", async () => {
  const map: unknown = JSON.parse(await readFile(join(CLIENT, "dist/react.js.map"), "utf8"));
  expect(map).toMatchObject({
    sources: ["../src/react.ts"],
    sourcesContent: [await readFile(join(CLIENT, "src/react.ts"), "utf8")],
  });
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHECKOUT } from "../lib/project.ts";
import { listTarball } from "../lib/tarball.ts";

const CLIENT = join(CHECKOUT, "client");
const COMPONENT = join(CHECKOUT, "infra/package");
const LOCALCLOUD = join(CHECKOUT, "localcloud");

/** What entries share is named after its content. */
function withoutHash(file: string): string {
  return file.replace(/-[\w-]{8}(?=\.)/, "-HASH");
}

/** The packages that the code of a file asks for; those of Node, and of workerd in code for it, are none. */
async function packagesOf(path: string, asking: RegExp): Promise<Set<string>> {
  const code = await readFile(path, "utf8");
  const packages = [...code.matchAll(asking)].map(([, name = ""]) => name);
  return new Set(packages.filter((name) => !/^(node:|cloudflare:|\.)/.test(name)));
}

test("the client's tarball has its entries with their types and maps, the README, the licence, and no more", async () => {
  const files = await listTarball(CLIENT);
  expect(files.map(withoutHash)).toEqual([
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
  const asking = /require\("(@[^/]+\/[^/"]+|[^"]+)/g;
  expect(await packagesOf(join(COMPONENT, "dist/index.js"), asking)).toEqual(
    new Set(["@pulumi/cloudflare", "@pulumi/pulumi"]),
  );
});

test("the local cloud's tarball has the library, the command, the README, the licence, and no more", async () => {
  const files = await listTarball(LOCALCLOUD);
  expect(files.map(withoutHash)).toEqual([
    "LICENSE",
    "README.md",
    "dist/cli.d.ts",
    "dist/cli.js",
    "dist/cli.js.map",
    "dist/index.d.ts",
    "dist/index.js",
    "dist/index.js.map",
    "dist/reset-HASH.js",
    "dist/reset-HASH.js.map",
    "package.json",
  ]);
}, 30_000);

test("the local cloud asks for what its package depends on: no Pulumi, gRPC or bundler", async () => {
  const asked = new Set<string>();
  for (const file of await listTarball(LOCALCLOUD)) {
    if (!file.endsWith(".js")) continue;
    const packages = await packagesOf(join(LOCALCLOUD, file), /(?:from |import\()"([^"\s]+)"/g);
    for (const name of packages) asked.add(name);
  }
  expect(asked).toEqual(new Set(["busboy", "miniflare"]));
  const manifest: unknown = JSON.parse(await readFile(join(LOCALCLOUD, "package.json"), "utf8"));
  const dependencies = { busboy: "1.6.0", miniflare: expect.stringMatching(/^\d[\w.-]+$/) };
  expect(manifest).toHaveProperty("dependencies", dependencies);
}, 30_000);

test("the packages' licences are the repository's", async () => {
  const [ours, ...theirs] = await Promise.all(
    [CHECKOUT, CLIENT, COMPONENT, LOCALCLOUD].map((folder) =>
      readFile(join(folder, "LICENSE"), "utf8"),
    ),
  );
  expect(theirs).toEqual([ours, ours, ours]);
});

test("the client's maps have the sources in them, which the tarball has not", async () => {
  const map: unknown = JSON.parse(await readFile(join(CLIENT, "dist/react.js.map"), "utf8"));
  expect(map).toMatchObject({
    sources: ["../src/react.ts"],
    sourcesContent: [await readFile(join(CLIENT, "src/react.ts"), "utf8")],
  });
});

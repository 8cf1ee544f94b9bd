import { glob, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { capture } from "../lib/child.ts";
import { CHECKOUT } from "../lib/project.ts";
import { versionPackages } from "../version-packages.ts";
import { temporaryFolder, writeFiles } from "./support.ts";

test("a changeset becomes the next version, everywhere that carries it", async () => {
  const folder = await cloneCheckout();
  await writeFiles(folder, {
    ".changeset/test.md":
      '---\n"@visitor-tracker/client": major\n"@visitor-tracker/pulumi": major\n"@visitor-tracker/localcloud": major\n---\n\nRing a bell\n',
  });
  const lines: string[] = [];
  await versionPackages(folder, (line) => lines.push(line));

  const read = (file: string): Promise<string> => readFile(join(folder, file), "utf8");
  const versionOf = (name: string): string =>
    new RegExp(`${name} .*-> (\\d+\\.0\\.0)$`, "m").exec(lines.join("\n"))?.[1] ?? "no version";
  const version = versionOf("client");
  const componentVersion = versionOf("pulumi");
  const localcloudVersion = versionOf("localcloud");
  expect(await read("client/package.json")).toContain(`"version": "${version}"`);
  expect(await read("client/CHANGELOG.md")).toContain(`## ${version}\n\n### Major Changes\n\n- `);
  expect(await read("client/CHANGELOG.md")).toContain("Ring a bell");
  expect(await read("infra/package/package.json")).toContain(`"version": "${componentVersion}"`);
  expect(await read("infra/package/CHANGELOG.md")).toContain("Ring a bell");
  expect(await read("localcloud/CHANGELOG.md")).toContain("Ring a bell");
  expect(await read("examples/localcloud/package.json")).toContain(
    `"@visitor-tracker/localcloud": "${localcloudVersion}"`,
  );
  expect(await read("examples/pulumi/package.json")).toContain(
    `"@visitor-tracker/pulumi": "${componentVersion}"`,
  );
  expect(await read("package-lock.json")).toContain(
    `"name": "@visitor-tracker/client",\n      "version": "${version}"`,
  );
  expect(await read("worker/src/generated/live-releases.ts")).toContain(`"version": "${version}"`);
  const installed = new Set<string | undefined>();
  for await (const file of glob("examples/*/package.json", { cwd: folder })) {
    installed.add(/"@visitor-tracker\/client": "([^"]+)"/.exec(await read(file))?.[1]);
  }
  installed.delete(undefined);
  expect([...installed]).toEqual([version]);
}, 180_000);

/** What is committed, with the packages that are installed here. */
async function cloneCheckout(): Promise<string> {
  const folder = join(temporaryFolder(), "clone");
  const { code, stderr } = await capture("git", [
    "clone",
    "--quiet",
    "--no-local",
    CHECKOUT,
    folder,
  ]);
  if (code !== 0) throw new Error(`git clone failed: ${stderr}`);
  await symlink(join(CHECKOUT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { finish } from "./leash.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Builds and packs a package of this repository. Resolves with the path of the file that `npm pack` makes. */
export async function pack(folder: string, destination: string): Promise<string> {
  // Without the check of its size, which has a step of its own.
  await finish(["npx", "tsdown"], join(ROOT, folder));
  await finish(["npm", "pack", "--pack-destination", destination], join(ROOT, folder));
  const files = await readdir(destination);
  const file = files.find((name) => name.endsWith(".tgz"));
  if (file === undefined) throw new Error(`npm pack left no file in ${destination}`);
  return join(destination, file);
}

/** Makes the project in `folder` depend on the packed file in place of a version, and installs it. */
export async function installPacked(folder: string, tarball: string): Promise<void> {
  const manifest = join(folder, "package.json");
  const text = await readFile(manifest, "utf8");
  const packed = JSON.stringify(`file:${tarball}`);
  await writeFile(manifest, text.replace(/(?<="@visitor-tracker\/\w+": )"[^"]*"/, packed));
  const install = "npm install --prefer-offline --no-package-lock --no-audit --no-fund";
  await finish([...install.split(" "), "--loglevel=error"], folder);
}

import { createHash } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { capture } from "../child.ts";
import { readTextIfPresent } from "../files.ts";
import type { Subject } from "./subject.ts";

export interface InstallOptions {
  /** Where the packages come from. @default the registry that npm is set up with */
  registry?: string;
  /** Asked for once there is something to get. */
  onStart?: (packages: readonly string[]) => void;
}

/**
 * Installs what the subjects import into a folder of its own below `cacheDir`, unless it is there. A
 * folder has all of its packages or does not exist.
 * @returns the folder to bundle in
 * @throws Error when npm cannot install them
 */
export async function installPackages(
  subjects: readonly Subject[],
  cacheDir: string,
  options: InstallOptions = {},
): Promise<string> {
  const manifest = JSON.stringify({ private: true, dependencies: packagesOf(subjects) }, null, 2);
  const folder = join(cacheDir, createHash("sha256").update(manifest).digest("hex").slice(0, 12));
  if ((await readTextIfPresent(join(folder, "package.json"))) !== null) return folder;
  options.onStart?.(Object.entries(packagesOf(subjects)).map((entry) => entry.join("@")));
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await writeFile(join(unfinished, "package.json"), manifest);
  await install(unfinished, options.registry);
  await rename(unfinished, folder);
  return folder;
}

function packagesOf(subjects: readonly Subject[]): Record<string, string> {
  const packages: Record<string, string> = {};
  for (const { name, packages: own } of subjects) {
    for (const [key, version] of Object.entries(own)) {
      if (packages[key] !== undefined && packages[key] !== version) {
        throw new Error(`${key}: ${packages[key]} and, for ${name}, ${version}; give one version`);
      }
      packages[key] = version;
    }
  }
  return packages;
}

/** Without what only runs at the install, and without React, which is not measured. */
async function install(folder: string, registry: string | undefined): Promise<void> {
  const { code, stdout, stderr } = await capture(
    "npm",
    [
      "install",
      "--ignore-scripts",
      "--legacy-peer-deps",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      ...(registry === undefined ? [] : [`--registry=${registry}`, "--fetch-retries=0"]),
    ],
    { cwd: folder },
  );
  if (code === 0) return;
  await rm(folder, { recursive: true, force: true });
  throw new Error(
    `npm could not install the packages to compare with (exit code ${code}):\n` +
      `${stderr.trim() === "" ? stdout.trim() : stderr.trim()}\n` +
      "They come from npm's registry: check the network, `npm config get registry` and proxies, then run this again.",
  );
}

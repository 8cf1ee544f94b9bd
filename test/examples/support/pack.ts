import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { finish } from "./leash.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The client package as it would be published: the path of the file that `npm pack` makes. */
    tarball: string;
  }
}

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Builds and packs the client once, for all suites of this project. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "visitor-tracker-pack-"));
  // Without the check of its size, which has a step of its own.
  await finish(["npx", "tsdown"], join(ROOT, "client"));
  await finish(["npm", "pack", "--workspace", "client", "--pack-destination", folder], ROOT);
  const [file = ""] = await readdir(folder);
  project.provide("tarball", join(folder, file));
  return () => rm(folder, { recursive: true, force: true });
}

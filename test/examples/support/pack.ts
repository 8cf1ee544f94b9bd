import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { pack } from "./packed.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The client package as it would be published: the path of the file that `npm pack` makes. */
    tarball: string;
  }
}

/** Builds and packs the client once, for all suites of this project. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "visitor-tracker-pack-"));
  project.provide("tarball", await pack("client", folder));
  return () => rm(folder, { recursive: true, force: true });
}

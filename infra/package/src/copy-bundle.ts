import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { RunError } from "@pulumi/pulumi";
import type { LiveScript } from "@visitor-tracker/worker/build";
import type { BuiltWorker } from "../../src/bundle.ts";

/** Set by the build, with the bundle beside it. */
declare const LIVE_SCRIPT: LiveScript;

/**
 * Where the provider reads the bundle, below the program's folder, in which it runs. The same for
 * everybody: where packages are differs between package managers, and between two of their versions.
 */
const BUNDLE_PATH = "node_modules/.cache/visitor-tracker/worker.js";

/**
 * Copies the package's bundle to where the provider reads it. The file is replaced in one step, since
 * another run may be reading it.
 * @throws RunError when it cannot be written
 */
export async function copyBundle(): Promise<BuiltWorker> {
  const bytes = await readFile(join(import.meta.dirname, "worker.js"));
  const partial = `${BUNDLE_PATH}.${process.pid}.partial`;
  try {
    await mkdir(dirname(BUNDLE_PATH), { recursive: true });
    await writeFile(partial, bytes);
    await rename(partial, BUNDLE_PATH);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RunError(
      `Nothing was changed: the Worker's code cannot be put where the provider reads it, below the program's folder: ${reason}`,
    );
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { bundle: { path: BUNDLE_PATH, sha256 }, live: LIVE_SCRIPT };
}

import { join } from "node:path";
import { RunError } from "@pulumi/pulumi";
import { buildWorker } from "@visitor-tracker/worker/build";
import type { WorkerBundle } from "./script-inputs.ts";

/** Where the bundle is written, below the program's folder. */
const BUNDLE_PATH = ".build/worker.js";

/**
 * Bundles the Worker into `<programDir>/.build/worker.js`. The file is replaced in one step, since
 * another run may be reading it.
 * @throws RunError with the bundler's messages
 */
export async function writeBundle(programDir: string): Promise<WorkerBundle> {
  try {
    const { sha256 } = await buildWorker({ outFile: join(programDir, BUNDLE_PATH) });
    return { path: BUNDLE_PATH, sha256 };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RunError(`Nothing was changed: ${reason}`);
  }
}

import { join } from "node:path";
import { RunError } from "@pulumi/pulumi";
import { buildWorker, type LiveScript } from "@visitor-tracker/worker/build";
import type { WorkerBundle } from "./script-inputs.ts";

/** Where the bundle is written, below the program's folder. */
const BUNDLE_PATH = ".build/worker.js";

export interface BuiltWorker {
  readonly bundle: WorkerBundle;
  readonly live: LiveScript;
}

/**
 * Bundles the Worker into `<programDir>/.build/worker.js`. The file is replaced in one step, since
 * another run may be reading it.
 * @throws RunError with the bundler's messages
 */
export async function writeBundle(programDir: string): Promise<BuiltWorker> {
  try {
    const { sha256, live } = await buildWorker({ outFile: join(programDir, BUNDLE_PATH) });
    return { bundle: { path: BUNDLE_PATH, sha256 }, live };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RunError(`Nothing was changed: ${reason}`);
  }
}

import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
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
  const { bytes, sha256 } = await build();
  const file = join(programDir, BUNDLE_PATH);
  const temporary = `${file}.${process.pid}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(temporary, bytes);
  await rename(temporary, file);
  return { path: BUNDLE_PATH, sha256 };
}

async function build(): Promise<{ bytes: Uint8Array; sha256: string }> {
  try {
    return await buildWorker();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RunError(`The Worker cannot be bundled; nothing was changed.\n${reason}`);
  }
}

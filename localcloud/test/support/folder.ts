import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder that is gone when the test is. */
export async function makeFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "localcloud-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

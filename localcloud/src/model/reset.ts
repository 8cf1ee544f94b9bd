import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isLockFile, lockFolder } from "./lock.ts";

/**
 * Removes everything in the local cloud's folder, which is made when missing; nothing can start in it
 * meanwhile.
 * @throws when a live process holds the folder, this one included, and when it cannot be written to
 */
export async function resetLocalCloud(dir: string): Promise<void> {
  const lock = lockFolder(dir);
  try {
    for (const name of await readdir(dir)) {
      if (!isLockFile(name)) await rm(join(dir, name), { recursive: true, force: true });
    }
  } finally {
    lock.release();
  }
}

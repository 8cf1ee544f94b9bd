import { rm } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { lockHolder, lockText, takeLockFile } from "../lib/lock-file.ts";

const POLL_MS = 500;

export interface BuildLock {
  release(): Promise<void>;
}

/**
 * Lets one process build while the others wait; a lock whose process is gone is taken over.
 * @param isDone whether a process has made what is wanted
 * @returns null when one has
 */
export async function acquireBuildLock(
  path: string,
  isDone: () => Promise<boolean>,
  options: { onWait?: (pid: number) => void; signal?: AbortSignal } = {},
): Promise<BuildLock | null> {
  const { onWait, signal } = options;
  const release = async (): Promise<void> => await rm(path, { force: true });
  for (;;) {
    const holder = await takeLockFile(path, lockText(), lockHolder);
    if (await isDone()) {
      if (holder === null) await release();
      return null;
    }
    if (holder === null) return { release };
    onWait?.(holder);
    await wait(POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
}

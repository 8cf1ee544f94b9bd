import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isNodeError } from "../lib/files.ts";
import { startedAt } from "../lib/process-identity.ts";

const POLL_MS = 500;

export interface BuildLock {
  release(): Promise<void>;
}

/**
 * Lets one process build while the others wait; a lock whose process is gone is taken over. It only
 * saves work: what is built gets its name by a rename, so two builds at once would do no harm.
 * @param isDone asked while waiting: whether the other process has made what is wanted
 * @returns null when it is done
 */
export async function acquireBuildLock(
  path: string,
  isDone: () => Promise<boolean>,
  options: { onWait?: (pid: number) => void; signal?: AbortSignal } = {},
): Promise<BuildLock | null> {
  await mkdir(dirname(path), { recursive: true });
  const mine = `${process.pid} ${startedAt(process.pid) ?? "?"} ${randomUUID()}`;
  for (;;) {
    if (await createFile(path, mine)) return { release: () => removeIf(path, mine) };
    const holder = await read(path);
    if (await isDone()) return null;
    if (holder === null) continue;
    if (!isHeld(holder)) {
      await removeIf(path, holder);
      continue;
    }
    options.onWait?.(Number.parseInt(holder, 10));
    await wait(POLL_MS, undefined, cancelledBy(options.signal));
  }
}

function isHeld(content: string): boolean {
  const match = /^(\d+) (.*) \S+$/.exec(content);
  if (match === null) return false;
  const now = startedAt(Number(match[1]));
  return now !== null && (match[2] === "?" || match[2] === now);
}

async function createFile(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: "wx" });
    return true;
  } catch (error) {
    if (isNodeError(error) && error.code === "EEXIST") return false;
    throw error;
  }
}

/** A rename first, so that only one of several processes takes a stale lock away. */
async function removeIf(path: string, content: string): Promise<void> {
  if ((await read(path)) !== content) return;
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (isNodeError(error) && error.code === "ENOENT") return;
    throw error;
  }
  await rm(aside, { force: true });
}

async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return null;
  }
}

function cancelledBy(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isNodeError, readTextIfPresent } from "./files.ts";
import { isSameProcess, startedAt } from "./process-identity.ts";

/** While another process removes a stale file, which takes it a few calls of the file system. */
const POLL_MS = 5;

/** What this process writes into a lock file: `<pid> <start> <id>`, another one at each call. */
export function lockText(): string {
  return `${process.pid} ${startedAt(process.pid) ?? "?"} ${randomUUID()}`;
}

/** The live process that wrote this `lockText`, by its id. */
export function lockHolder(text: string): number | null {
  const [, digits, start = "?"] = /^(\d+) (.+) \S+$/.exec(text) ?? [];
  const pid = Number(digits);
  return isSameProcess(pid, start === "?" ? null : start) ? pid : null;
}

/**
 * Makes the file `path`, with `mine` in it, for one process at a time; one whose holder is gone is
 * taken over. Only its holder may change or remove it.
 * @param mine no other process writes the same
 * @param holderOf who holds a file with this text; null when nobody does
 * @returns null when it is taken, else its holder
 */
export async function takeLockFile<T>(
  path: string,
  mine: string,
  holderOf: (text: string) => T | null,
): Promise<T | null> {
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    if (await createWhole(path, mine)) return null;
    const text = await readTextIfPresent(path);
    if (text === null) continue;
    const holder = holderOf(text);
    if (holder !== null) return holder;
    await removeStale(path, text);
  }
}

/**
 * Between a look at the file and its removal, another process may have taken it over. So only the one
 * that has the guard of this very content removes it, and only while that is what the file says.
 */
async function removeStale(path: string, text: string): Promise<void> {
  const guard = `${path}.${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
  if ((await takeLockFile(guard, lockText(), lockHolder)) !== null) {
    await wait(POLL_MS);
    return;
  }
  try {
    if ((await readTextIfPresent(path)) === text) await rm(path);
  } finally {
    await rm(guard);
  }
}

/** A link appears with its contents, so nobody takes a file that is half written for a stale one. */
async function createWhole(path: string, content: string): Promise<boolean> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  await writeFile(temporary, content);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (isNodeError(error) && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

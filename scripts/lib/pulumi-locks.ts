import { readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { namesIn } from "./files.ts";
import { executableName, isAlive } from "./process-identity.ts";
import { LOCAL_STACK, PROJECT_NAME, type Project } from "./project.ts";

/** The time that an interrupted update has to finish its step and end. */
const PATIENCE_MS = 30_000;
const POLL_MS = 200;

/** A lock of Pulumi's file backend: `.pulumi/locks/organization/<project>/<stack>/<id>.json`. */
interface StackLock {
  path: string;
  pid: number;
  hostname: string;
}

/**
 * Removes the locks that ended processes left on stack `local`; waits a while for live ones.
 * @throws Error that names the process that holds on to the stack
 */
export async function clearStaleLocks(
  project: Project,
  options: { onWait?: (pid: number) => void; signal?: AbortSignal } = {},
): Promise<void> {
  const { onWait, signal } = options;
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const held: StackLock[] = [];
    for (const lock of await readLocks(project)) {
      if (isHeld(lock)) held.push(lock);
      else await rm(lock.path, { force: true });
    }
    const [first] = held;
    if (first === undefined) return;
    if (first.hostname !== hostname() || performance.now() > deadline) {
      throw new Error(
        `Stack ${LOCAL_STACK} is locked by process ${first.pid} on ${first.hostname} ` +
          `(${first.path}). Let it end; if it is gone, run: npm run pulumi -- cancel -s ${LOCAL_STACK} --yes`,
      );
    }
    onWait?.(first.pid);
    await wait(POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
}

/** Of a process on another machine (a container, say) nothing can be known. */
function isHeld(lock: StackLock): boolean {
  if (lock.hostname !== hostname()) return true;
  return isAlive(lock.pid) && (executableName(lock.pid)?.startsWith("pulumi") ?? true);
}

async function readLocks(project: Project): Promise<StackLock[]> {
  const folder = join(project.backendDir, ".pulumi/locks/organization", PROJECT_NAME, LOCAL_STACK);
  const locks: StackLock[] = [];
  for (const name of await namesIn(folder)) {
    if (!name.endsWith(".json")) continue;
    const path = join(folder, name);
    locks.push({ path, ...parseLock(await readFile(path, "utf8")) });
  }
  return locks;
}

/** A lock that was cut off while it was written has no process that could hold it. */
function parseLock(text: string): { pid: number; hostname: string } {
  const nobody = { pid: 0, hostname: hostname() };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return nobody;
    const pid: unknown = Reflect.get(value, "pid");
    const host: unknown = Reflect.get(value, "hostname");
    return typeof pid === "number" && typeof host === "string" ? { pid, hostname: host } : nobody;
  } catch {
    return nobody;
  }
}

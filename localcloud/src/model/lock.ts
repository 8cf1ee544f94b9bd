import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

/** Holds a folder for this process. */
export interface Lock {
  release(): void;
}

/**
 * Takes `dir`, which is made when missing, for this process; what a process that is gone left behind is
 * taken over.
 * @throws when a live process holds it, this one included, and when it cannot be written to
 */
export function lockFolder(dir: string): Lock {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return takeLock(dir);
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    throw new Error(
      `The folder ${dir} cannot be used: ${error.message}. Choose one that can be written to.`,
      { cause: error },
    );
  }
}

function takeLock(dir: string): Lock {
  const file = join(dir, "lock");
  const mine = `${process.pid} ${processStart(process.pid) ?? ""}`;
  for (let attempt = 0; attempt < 3; attempt++) {
    if (createWhole(file, mine)) return { release: () => releaseOwn(file, mine) };
    const holder = readHolder(file);
    if (holder !== null && isAlive(holder)) {
      throw new Error(
        `${dir} is in use by process ${holder.pid}. Stop that process, or use another folder.`,
      );
    }
    if (holder !== null) removeStale(file, holder);
  }
  throw new Error(`${file} cannot be taken: other processes keep taking it. Try again.`);
}

/** True for the lock's file and for those that other processes make for a moment while they ask for it. */
export function isLockFile(name: string): boolean {
  return name === "lock" || /^lock\.\d+\.(?:tmp|stale)$/.test(name);
}

/** A link appears with its contents, so nobody reads a lock that is half written. */
function createWhole(file: string, text: string): boolean {
  const temporary = `${file}.${process.pid}.tmp`;
  const descriptor = openSync(temporary, "w", 0o600);
  writeSync(descriptor, text);
  closeSync(descriptor);
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

interface Holder {
  text: string;
  pid: number;
  /** When the process started, in the system's own ticks; empty where the system does not tell. */
  start: string;
}

function readHolder(file: string): Holder | null {
  try {
    const text = readFileSync(file, "utf8");
    const [pid = "", start = ""] = text.split(" ");
    return { text, pid: Number(pid), start };
  } catch {
    return null;
  }
}

/** Another process may do the same at once: what was moved away is looked at, and put back when alive. */
function removeStale(file: string, holder: Holder): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (readFileSync(aside, "utf8") !== holder.text) linkSync(aside, file);
  rmSync(aside);
}

/** A pid may have been given to another process since: that one started at another moment. */
function isAlive({ pid, start }: Holder): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const actual = processStart(pid);
  return start === "" || actual === null || actual === start;
}

/** Field 22 of Linux's /proc/PID/stat ("zombie" for what only waits to be reaped); null on other systems. */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [status, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return status === "Z" ? "zombie" : (fields[18] ?? null);
  } catch {
    return null;
  }
}

function releaseOwn(file: string, mine: string): void {
  try {
    if (readFileSync(file, "utf8") === mine) rmSync(file, { force: true });
  } catch {
    // Somebody removed the folder: there is nothing left to release.
  }
}

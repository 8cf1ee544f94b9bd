import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isNodeError } from "./files.ts";

/** Whether a process with this id runs, ours or not. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isNodeError(error) && error.code === "EPERM";
  }
  return !isZombie(pid);
}

/**
 * Tells a process from a later one with the same id, which containers hand out again at once: when
 * it started. Null when there is no such process or the system does not say.
 */
export function startedAt(pid: number): string | null {
  if (!isAlive(pid)) return null;
  try {
    if (process.platform === "linux") return linuxStartedAt(pid);
    return ps(pid, "lstart");
  } catch {
    return null;
  }
}

/**
 * Whether the process that had this id and start still runs.
 * @param start see `startedAt`; null when the system did not say, and then the id must do
 */
export function isSameProcess(pid: number, start: string | null): boolean {
  return isAlive(pid) && (start === null || start === startedAt(pid));
}

/** The name of a process's executable without its folder, or null, as with `startedAt`. */
export function executableName(pid: number): string | null {
  if (!isAlive(pid)) return null;
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    return ps(pid, "comm").replace(/^.*\//, "");
  } catch {
    return null;
  }
}

/** A process that has ended and that nobody collects, as in containers whose first process does not. */
function isZombie(pid: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    return linuxStat(pid)[0] === "Z";
  } catch {
    return false;
  }
}

/** Boot id and start in clock ticks since boot. */
function linuxStartedAt(pid: number): string {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return `${boot} ${linuxStat(pid)[19] ?? "?"}`;
}

/** The fields of /proc/PID/stat (proc(5)) from the third on; the second is a name that may hold spaces. */
function linuxStat(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function ps(pid: number, column: string): string {
  return execFileSync("ps", ["-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" }).trim();
}

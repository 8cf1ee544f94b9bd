import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** What a local cloud takes at one moment. Linux only: it reads /proc. */
export interface Footprint {
  /** Resident memory of the process itself, in bytes. */
  nodeBytes: number;
  /** Running workerd processes that it started. */
  workerds: number;
  /** Resident memory of those, in bytes. */
  workerdBytes: number;
  /** Open file descriptors of the process itself. */
  descriptors: number;
  folderBytes: number;
  /** Apart from the code of versions, of which there is a file each. */
  folderFiles: number;
}

/** The workerd processes that a local cloud started, in the order in which it did. */
export function workerdsOf(pid: number): number[] {
  return childrenOf(pid).filter((child) => nameOf(child) === "workerd");
}

export function footprintOf(pid: number, dir: string): Footprint {
  const workerds = workerdsOf(pid);
  const { bytes, files } = folderSize(dir);
  return {
    nodeBytes: residentBytes(pid),
    workerds: workerds.length,
    workerdBytes: workerds.reduce((sum, child) => sum + residentBytes(child), 0),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    folderBytes: bytes,
    folderFiles: files,
  };
}

/** Fields of /proc/PID/stat after the name, which may hold spaces: the first is the status. */
function statOf(pid: number): { name: string; fields: string[] } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = stat.lastIndexOf(")");
    return { name: stat.slice(stat.indexOf("(") + 1, end), fields: stat.slice(end + 2).split(" ") };
  } catch {
    return null;
  }
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => statOf(pid)?.fields[1] === String(parent));
}

function nameOf(pid: number): string | null {
  return statOf(pid)?.name ?? null;
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

function folderSize(dir: string): { bytes: number; files: number } {
  let bytes = 0;
  let files = 0;
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const found = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false });
    if (found?.isFile() !== true) continue;
    bytes += found.size;
    if (entry.parentPath !== join(dir, "blobs")) files++;
  }
  return { bytes, files };
}

import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

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
  /** Apart from what is in rings. */
  folderBytes: number;
  /** Apart from the code of versions, of which there is a file each. */
  folderFiles: number;
  /** Files that are filled and then written from the start again, or set aside over the one before. */
  ringBytes: number;
  /** What they can have together. */
  ringLimitBytes: number;
}

/** The workerd processes that a local cloud started, in the order in which it did. */
export function workerdsOf(pid: number): number[] {
  return childrenOf(pid).filter((child) => nameOf(child) === "workerd");
}

export function footprintOf(pid: number, dir: string): Footprint {
  const workerds = workerdsOf(pid);
  return {
    nodeBytes: residentBytes(pid),
    workerds: workerds.length,
    workerdBytes: workerds.reduce((sum, child) => sum + residentBytes(child), 0),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    ...folderSize(dir),
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

const MIB = 1024 * 1024;

/** Rings, and how large one gets: the logs by their own limits, an object's write-ahead log by SQLite's. */
const RINGS: readonly { pattern: RegExp; limitBytes: number }[] = [
  { pattern: /^journal\.ndjson(\.old)?$/, limitBytes: 4 * MIB },
  { pattern: /^runtime\.log(\.1)?$/, limitBytes: MIB },
  // A thousand pages of 4 KiB, each with a header.
  { pattern: /-wal$/, limitBytes: 4 * MIB },
];

type FolderSize = Pick<Footprint, "folderBytes" | "folderFiles" | "ringBytes" | "ringLimitBytes">;

/** What is in a folder. Links are left out: each instance has one to all objects' storage. */
function folderSize(dir: string): FolderSize {
  const size: FolderSize = { folderBytes: 0, folderFiles: 0, ringBytes: 0, ringLimitBytes: 0 };
  for (const { path, name } of filesIn(dir)) {
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (dirname(path) !== join(dir, "blobs")) size.folderFiles++;
    const ring = RINGS.find(({ pattern }) => pattern.test(name));
    if (ring === undefined) size.folderBytes += bytes;
    else size.ringBytes += bytes;
    size.ringLimitBytes += ring?.limitBytes ?? 0;
  }
  return size;
}

function filesIn(dir: string): { path: string; name: string }[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return entry.isFile() ? [{ path, name: entry.name }] : [];
  });
}

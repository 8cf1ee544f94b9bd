import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, release, totalmem } from "node:os";
import { isRecord } from "./subjects/is-record.ts";

/** What was measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  readonly workerd: string;
  readonly miniflare: string;
  readonly partyserver: string;
  readonly ws: string;
  readonly socketIo: string;
  /** Processes that wanted to run in the minute before: much above 0, others were at work too. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    node: process.version,
    workerd: versionOf("workerd"),
    miniflare: versionOf("miniflare"),
    partyserver: versionOf("partyserver"),
    ws: versionOf("ws"),
    socketIo: versionOf("socket.io"),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** Open files that a process may have; Node raises the limit as far as it may go. */
export function openFileLimit(): number {
  const limits = readFileSync("/proc/self/limits", "utf8");
  const limit = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit);
}

/** Of an installed package, which need not export its package.json. */
function versionOf(name: string): string {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const path of paths) {
    try {
      const text: unknown = JSON.parse(readFileSync(`${path}/${name}/package.json`, "utf8"));
      if (isRecord(text) && typeof text["version"] === "string") return text["version"];
    } catch {
      // It is in another of the folders.
    }
  }
  return "unknown";
}

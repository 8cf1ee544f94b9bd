import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What a process has used, as Linux says. */
export interface ProcessStat {
  /** User and system time of all its threads. */
  readonly cpuMs: number;
  readonly rssKb: number;
  /** The largest `rssKb` so far. */
  readonly peakRssKb: number;
}

let ticksPerSecond: number | null = null;

/** @throws Error when there is no such process, or no /proc (it is Linux that is measured) */
export function processStat(pid: number): ProcessStat {
  ticksPerSecond ??= Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  const stat = parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    cpuMs: (stat.ticks * 1_000) / ticksPerSecond,
    rssKb: fieldOf(status, "VmRSS"),
    peakRssKb: fieldOf(status, "VmHWM"),
  };
}

/** Of /proc/PID/stat: the program's name, which may hold spaces, ends at the last parenthesis. */
export function parseStat(text: string): { readonly ticks: number } {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  // Fields 14 and 15 of proc(5), utime and stime; the first of these is field 3.
  return { ticks: Number(fields[11]) + Number(fields[12]) };
}

function fieldOf(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(status)?.[1] ?? Number.NaN);
}

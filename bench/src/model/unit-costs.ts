import { formatNumber } from "../report/format.ts";
import type { Findings } from "../results.ts";

/** A run of ours, as the model sees it. */
export interface Sample {
  readonly name: string;
  /** Joins and leaves. */
  readonly events: number;
  /** Messages to visitors. */
  readonly sends: number;
  readonly cpuMs: number;
}

/** What one thing costs on the machine that was measured. */
export interface UnitCosts {
  readonly cpuMsPerEvent: number;
  readonly cpuMsPerSend: number;
  /** Of a count on the wire. */
  readonly bytesPerCount: number;
  /** Memory of a connection, all of the process's. */
  readonly kbPerSocket: number;
}

/** Runs on one object, from which the costs are derived. */
export function samplesOf({ storm = [], latency = [], churn = [] }: Findings): readonly Sample[] {
  const samples = [
    ...storm.map((run) => ({ ...run, name: `storm ${formatNumber(run.size)}`, events: run.size })),
    ...latency.map((run) => ({
      ...run,
      name: `one more of ${formatNumber(run.size)}`,
      events: JOINS,
    })),
    ...churn.map((run) => ({ ...run, name: "churn", events: CHURN_EVENTS })),
  ];
  return samples
    .filter(({ contestant }) => contestant === "ours")
    .map(({ name, events, spent: { counts, cpuMs } }) => ({ name, events, sends: counts, cpuMs }))
    .filter(({ cpuMs }) => cpuMs >= LEAST_CPU_MS);
}

/** Processor time is counted in ticks of 10 ms: what took less than ten says little. */
const LEAST_CPU_MS = 100;
/** As the scenarios have them. */
const JOINS = 20;
const CHURN_EVENTS = 601;

/**
 * Derives the costs of an event and of a message by least squares of relative errors, so that large
 * runs count no more than small ones.
 * @returns null for fewer than two runs, or runs that do not tell the two apart
 */
export function fitCpu(
  samples: readonly Sample[],
): Pick<UnitCosts, "cpuMsPerEvent" | "cpuMsPerSend"> | null {
  let [ee, es, ss, e, s] = [0, 0, 0, 0, 0];
  for (const { events, sends, cpuMs } of samples) {
    const [event, send] = [events / cpuMs, sends / cpuMs];
    ee += event * event;
    es += event * send;
    ss += send * send;
    e += event;
    s += send;
  }
  const determinant = ee * ss - es * es;
  if (samples.length < 2 || determinant < 1e-9 * ee * ss) return null;
  const cpuMsPerEvent = (e * ss - s * es) / determinant;
  const cpuMsPerSend = (s * ee - e * es) / determinant;
  return { cpuMsPerEvent, cpuMsPerSend };
}

/** @returns null when what it takes was not measured */
export function unitCosts(findings: Findings): UnitCosts | null {
  const cpu = fitCpu(samplesOf(findings));
  const large = findings.storm?.findLast(({ contestant }) => contestant === "ours");
  const quiet = findings.latency?.findLast(({ contestant }) => contestant === "ours");
  if (cpu === null || large === undefined || quiet === undefined) return null;
  const { bytes, counts } = quiet.spent;
  return { ...cpu, bytesPerCount: bytes / counts, kbPerSocket: large.kbPerSocket };
}

export function predictedCpuMs(
  { events, sends }: Pick<Sample, "events" | "sends">,
  { cpuMsPerEvent, cpuMsPerSend }: Pick<UnitCosts, "cpuMsPerEvent" | "cpuMsPerSend">,
): number {
  return events * cpuMsPerEvent + sends * cpuMsPerSend;
}

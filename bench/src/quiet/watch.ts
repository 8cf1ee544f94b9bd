import { setTimeout as wait } from "node:timers/promises";
import { type Phase, wakeUps } from "./figures.ts";

/** How often progress is told. */
const PROGRESS_MS = 30_000;

/** Waits, and calls `tell` every half minute meanwhile. */
export async function watch(ms: number, tell: () => Promise<void>): Promise<void> {
  const endsMs = performance.now() + ms;
  for (;;) {
    const leftMs = endsMs - performance.now();
    await wait(Math.max(0, Math.min(leftMs, PROGRESS_MS)));
    if (leftMs <= PROGRESS_MS) return;
    await tell();
  }
}

/** One line on a quiet time so far. */
export function describe({ seconds, meter, talk, cpuSeconds }: Phase, visitors: number): string {
  const rate = (wakeUps(meter) * 3_600) / (seconds * visitors);
  return [
    `${Math.round(seconds)} s quiet`,
    `${talk.pongs} of ${talk.pings} pings answered`,
    `${talk.heartbeats} heartbeats`,
    `${meter.alarms} alarms`,
    `${meter.constructed} constructions`,
    `${meter.rowsWritten} rows`,
    `${rate.toFixed(2)} wake-ups a visitor-hour`,
    `${cpuSeconds.toFixed(2)} s CPU`,
  ].join(", ");
}

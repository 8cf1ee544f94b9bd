import { monitorEventLoopDelay } from "node:perf_hooks";

/** What a process was busy with over a time. */
export interface Usage {
  readonly wallMs: number;
  /** User and system time of all its threads. */
  readonly cpuMs: number;
  /** Longest and 99th percentile of how late timers were; beyond 100 ms it may blur latencies. */
  readonly lagMaxMs: number;
  readonly lagP99Ms: number;
}

const RESOLUTION_MS = 10;

/** Measures this process. */
export class UsageMeter {
  readonly #lag = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #sinceMs = performance.now();
  #cpu = process.cpuUsage();

  constructor() {
    this.#lag.enable();
  }

  /** Since the last time it was asked. */
  take(): Usage {
    const nowMs = performance.now();
    const { user, system } = process.cpuUsage(this.#cpu);
    const usage = {
      wallMs: nowMs - this.#sinceMs,
      cpuMs: (user + system) / 1_000,
      lagMaxMs: lateness(this.#lag.max),
      lagP99Ms: lateness(this.#lag.percentile(99)),
    };
    this.#lag.reset();
    this.#sinceMs = nowMs;
    this.#cpu = process.cpuUsage();
    return usage;
  }
}

/** @param delay nanoseconds from one tick to the next; 0 before the first */
function lateness(delay: number): number {
  return Math.max(0, delay / 1e6 - RESOLUTION_MS);
}

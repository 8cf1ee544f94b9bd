import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const EVERY_MS = 250;

/** Watches how much memory the workerd processes that this process started have, together. */
export class RuntimeMemory {
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;
  #peakMb = 0;

  constructor() {
    this.#watching = this.#watch();
  }

  /** The most since the last call, in MB. */
  async takePeakMb(): Promise<number> {
    const peak = Math.max(this.#peakMb, await residentMb());
    this.#peakMb = 0;
    return Math.round(peak);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#peakMb = Math.max(this.#peakMb, await residentMb());
      await sleep(EVERY_MS);
    }
  }
}

/** Resident memory, in MB. */
async function residentMb(): Promise<number> {
  const { stdout } = await run("ps", ["-A", "-o", "ppid=,rss=,comm="]);
  let kb = 0;
  for (const line of stdout.split("\n")) {
    const [parent, resident, command] = line.trim().split(/\s+/);
    if (Number(parent) === process.pid && command?.endsWith("workerd")) kb += Number(resident);
  }
  return kb / 1_024;
}

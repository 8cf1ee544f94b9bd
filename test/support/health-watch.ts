import { setTimeout as sleep } from "node:timers/promises";

/** Between two questions, so that asking is not a load. */
const PAUSE_MS = 20;

/** Somebody who asks for `/health` again and again. */
export class HealthWatch {
  readonly #stopping = new AbortController();
  readonly #statuses: Promise<Set<number>>;

  static start(base: string): HealthWatch {
    return new HealthWatch(base);
  }

  private constructor(base: string) {
    this.#statuses = this.#watch(`${base}/health`);
  }

  /** Every status that was answered. Rejects when there was no answer. */
  async stop(): Promise<Set<number>> {
    this.#stopping.abort();
    return await this.#statuses;
  }

  async #watch(url: string): Promise<Set<number>> {
    const statuses = new Set<number>();
    do {
      const response = await fetch(url);
      await response.body?.cancel();
      statuses.add(response.status);
      await sleep(PAUSE_MS);
    } while (!this.#stopping.signal.aborted);
    return statuses;
  }
}

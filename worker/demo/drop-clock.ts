/** How a visitor left. */
export type Leaving = "goodbye" | "silence";

/** Measures how long the server takes to notice that a visitor is gone. */
export class DropClock {
  leaving: Leaving | undefined;
  #startedAtMs = 0;
  #tookMs: number | undefined;

  get isRunning(): boolean {
    return this.leaving !== undefined && this.#tookMs === undefined;
  }

  /** Starts to measure. A silence that is being measured goes on: it takes longer than others. */
  start(leaving: Leaving, nowMs: number): void {
    if (this.isRunning && this.leaving === "silence") return;
    this.leaving = leaving;
    this.#startedAtMs = nowMs;
    this.#tookMs = undefined;
  }

  /** Ends the measurement of such a leaving, if one runs. */
  stop(leaving: Leaving, nowMs: number): void {
    if (this.isRunning && this.leaving === leaving) this.#tookMs = nowMs - this.#startedAtMs;
  }

  /** Forgets what it measures. */
  cancel(): void {
    this.leaving = undefined;
  }

  /** Milliseconds it took, or takes until now; undefined before anybody has left. */
  elapsedMs(nowMs: number): number | undefined {
    return this.leaving && (this.#tookMs ?? nowMs - this.#startedAtMs);
  }
}

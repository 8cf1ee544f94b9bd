/**
 * npm passes a terminal's Ctrl-C on to the script that the terminal has told already; two signals
 * closer than this are one.
 */
const SAME_INTERRUPT_MS = 300;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What Ctrl-C, SIGTERM and a closed terminal mean to a command: stop in order, exit in the end. */
export interface Interruption {
  /** Aborted by the first one. */
  readonly signal: AbortSignal;
  /** Calls back for each one with how many there have been, at once for those already there. */
  onEach(listener: (count: number) => void): () => void;
  /** Counts as one; for callers that decide to stop. */
  interrupt(): void;
  /** Gives the signals back to Node's default. */
  release(): void;
}

export function listenForInterrupts(): Interruption {
  const interruption = createInterruption();
  let lastAt = Number.NEGATIVE_INFINITY;
  const onSignal = (): void => {
    const at = performance.now();
    if (at - lastAt >= SAME_INTERRUPT_MS) interruption.interrupt();
    lastAt = at;
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  const release = (): void => {
    for (const name of SIGNALS) process.off(name, onSignal);
  };
  return { ...interruption, release };
}

/** An interruption that only its owner raises. */
export function createInterruption(): Interruption {
  const controller = new AbortController();
  const listeners = new Set<(count: number) => void>();
  let count = 0;
  return {
    signal: controller.signal,
    onEach(listener) {
      listeners.add(listener);
      if (count > 0) listener(count);
      return () => void listeners.delete(listener);
    },
    interrupt() {
      count += 1;
      controller.abort(new InterruptedError());
      for (const listener of listeners) listener(count);
    },
    release: () => {},
  };
}

/** Thrown by a step that an interrupt ended. */
export class InterruptedError extends Error {
  override name = "InterruptedError";
  constructor() {
    super("interrupted");
  }
}

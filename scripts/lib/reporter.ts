const DEFAULT_QUIET_MS = 15_000;

/** Where a command tells people what happens. */
export interface Reporter {
  line(text: string): void;
  /**
   * What is going on right now: rewritten in place on a terminal, else a line of its own, but no
   * sooner than `quietMs` after the one before (0: whenever the text differs). @default 15_000
   */
  status(text: string, options?: { quietMs?: number }): void;
}

export interface TextStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export function createReporter(stream: TextStream): Reporter {
  return stream.isTTY === true ? terminalReporter(stream) : plainReporter(stream);
}

function terminalReporter(stream: TextStream): Reporter {
  let shown = false;
  return {
    line(text) {
      stream.write(`${shown ? "\r\u001B[K" : ""}${text}\n`);
      shown = false;
    },
    status(text) {
      // A status wider than the terminal would wrap, and only its last row would be rewritten.
      const { columns = 0 } = stream;
      stream.write(`\r\u001B[K${text.slice(0, (columns > 0 ? columns : 80) - 1)}`);
      shown = true;
    },
  };
}

function plainReporter(stream: TextStream): Reporter {
  let last = "";
  let lastAt = Number.NEGATIVE_INFINITY;
  return {
    line: (text) => void stream.write(`${text}\n`),
    status(text, { quietMs = DEFAULT_QUIET_MS } = {}) {
      const at = performance.now();
      if (text === last || at - lastAt < quietMs) return;
      [last, lastAt] = [text, at];
      stream.write(`${text}\n`);
    },
  };
}

/** `45 s`, `3 min 05 s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

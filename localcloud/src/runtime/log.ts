import { appendFile, rename, stat } from "node:fs/promises";

export interface RuntimeLog {
  /** Appends a line, with the time before it. Never throws. */
  write(line: string): void;
  /** Resolves when everything that was written is in the file. */
  flush(): Promise<void>;
}

/**
 * A log file that cannot fill the disk: at `maxBytes` it is renamed to `<path>.1`, over the one before.
 * What a Worker logs faster than the disk takes it is dropped and counted.
 */
export function createRuntimeLog(path: string, options: { maxBytes?: number } = {}): RuntimeLog {
  const { maxBytes = 1_048_576 } = options;
  let waiting = "";
  let dropped = 0;
  let sizeBytes: number | null = null;
  let writing: Promise<void> | null = null;

  async function drain(): Promise<void> {
    while (waiting !== "") {
      const batch = dropped === 0 ? waiting : `${waiting}(${dropped} lines dropped)\n`;
      waiting = "";
      dropped = 0;
      const batchBytes = Buffer.byteLength(batch);
      sizeBytes ??= await stat(path).then(
        (found) => found.size,
        () => 0,
      );
      if (sizeBytes > 0 && sizeBytes + batchBytes > maxBytes) {
        await rename(path, `${path}.1`);
        sizeBytes = 0;
      }
      await appendFile(path, batch);
      sizeBytes += batchBytes;
    }
  }

  return {
    write(line) {
      if (waiting.length > maxBytes / 2) {
        dropped++;
        return;
      }
      waiting += `${new Date().toISOString()} ${line}\n`;
      // A log that cannot be written (full disk, removed folder) must not stop what it reports on.
      writing ??= drain()
        .catch(() => {
          waiting = "";
        })
        .finally(() => {
          writing = null;
        });
    },
    async flush() {
      await writing;
    },
  };
}

import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Replaces `file` as a whole: whoever reads it, after a crash at any moment too, sees the old contents or
 * the new. Synchronous, so that no request sees a state that is not on disk. Readable by its owner alone.
 */
export function writeDurably(file: string, contents: string | Uint8Array): void {
  const temporary = `${file}.${process.pid}.tmp`;
  const descriptor = openSync(temporary, "w", 0o600);
  try {
    const bytes = typeof contents === "string" ? Buffer.from(contents) : contents;
    for (let written = 0; written < bytes.byteLength;) {
      written += writeSync(descriptor, bytes, written);
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
  syncDirectory(dirname(file));
}

/** A rename is on disk only when its directory is. */
function syncDirectory(dir: string): void {
  const descriptor = openSync(dir, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

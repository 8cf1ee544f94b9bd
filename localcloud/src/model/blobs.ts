import { mkdirSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeDurably } from "./durable-file.ts";
import { sha256 } from "./ids.ts";

/** Module contents, each in a file that is named after its SHA-256. */
export interface Blobs {
  /** Resolves to nothing: when it returns, the contents survive a power cut. Returns the key. */
  put(contents: Uint8Array): string;
  /** @throws when the blob is missing or damaged */
  get(key: string): Uint8Array;
  /**
   * Removes every blob that is not in `keep`, and what interrupted writes left. A blob that was put is kept
   * until it was in `keep` once: the upload that it belongs to is under way.
   */
  collect(keep: ReadonlySet<string>): void;
}

/** By then an upload is over, and what it put is nobody's unless a version has it. */
const UPLOAD_LIMIT_MS = 600_000;

export function openBlobs(dir: string, now: () => number = () => performance.now()): Blobs {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  /** Keys that no state named yet, with when they were put. */
  const awaited = new Map<string, number>();
  return {
    put(contents) {
      const key = sha256(contents);
      const file = join(dir, key);
      if (!isStored(file, contents.byteLength)) writeDurably(file, contents);
      awaited.set(key, now());
      return key;
    },
    get(key) {
      const contents = readFileSync(join(dir, key));
      if (sha256(contents) === key) return contents;
      throw new Error(
        `${join(dir, key)} is damaged: its contents do not match its name. Upload the script again.`,
      );
    },
    collect(keep) {
      for (const [key, putMs] of awaited) {
        if (keep.has(key) || putMs < now() - UPLOAD_LIMIT_MS) awaited.delete(key);
      }
      for (const name of readdirSync(dir)) {
        if (!keep.has(name) && !awaited.has(name)) rmSync(join(dir, name), { force: true });
      }
    },
  };
}

function isStored(file: string, sizeBytes: number): boolean {
  return statSync(file, { throwIfNoEntry: false })?.size === sizeBytes;
}

import { appendFileSync, renameSync, statSync } from "node:fs";

/** One request and what became of it. Holds no secret, see mask.ts, and no more than some 20 KB. */
export interface JournalEntry {
  /** 1 for the first request of this run. */
  number: number;
  /** When it arrived, ISO 8601. */
  at: string;
  method: string;
  /** With the query, secrets masked. */
  path: string;
  /** The path's template in the endpoint table; null when no endpoint has it. */
  endpoint: string | null;
  /** 0 when the connection was closed without an answer. */
  status: number;
  durationMs: number;
  userAgent: string;
  requestBytes: number;
  /** The request's JSON, or what a multipart form holds: metadata, and sizes and hashes of modules. */
  request: unknown;
  responseBytes: number;
  /** The answer's JSON, or its type and size. Null for a failure. */
  response: unknown;
  /** Errors of the answer. */
  errors: { code: number; message: string }[];
  /** True when an injected fault acted. */
  fault: boolean;
}

export interface Journal {
  /** The last {@link JOURNAL_ENTRIES} of this run, oldest first. */
  readonly entries: readonly JournalEntry[];
  add(entry: Omit<JournalEntry, "number">): JournalEntry;
  /** Tells each entry from now on; returns what ends it. */
  subscribe(listener: (entry: JournalEntry) => void): () => void;
}

/** Entries that are kept in memory. */
export const JOURNAL_ENTRIES = 1_000;

/** The file is moved to `<file>.old`, over the one before, when it is larger than this. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** A journal that also goes to `file`, one JSON text a line. */
export function createJournal(file: string, options: { maxFileBytes?: number } = {}): Journal {
  const maxFileBytes = options.maxFileBytes ?? MAX_FILE_BYTES;
  const entries: JournalEntry[] = [];
  let size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  let number = 0;
  const listeners = new Set<(entry: JournalEntry) => void>();
  return {
    entries,
    add(fields) {
      const entry: JournalEntry = { number: ++number, ...fields };
      entries.push(entry);
      if (entries.length > JOURNAL_ENTRIES) entries.shift();
      const line = `${JSON.stringify(entry)}\n`;
      if (size > 0 && size + line.length > maxFileBytes) {
        renameSync(file, `${file}.old`);
        size = 0;
      }
      appendFileSync(file, line, { mode: 0o600 });
      size += Buffer.byteLength(line);
      for (const listener of listeners) listener(entry);
      return entry;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

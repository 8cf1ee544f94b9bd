import { appendFileSync, renameSync, statSync } from "node:fs";
import { isRecord } from "./lib/unknown.ts";

/** One request and what became of it. Holds no secret: see {@link mask}. */
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
  /** The request's JSON, or what a multipart form holds: metadata and the sizes of its modules. */
  request: unknown;
  /** Errors of the answer. */
  errors: { code: number; message: string }[];
  /** True when an injected fault acted. */
  fault: boolean;
}

export interface Journal {
  /** The last {@link JOURNAL_ENTRIES} of this run, oldest first. */
  readonly entries: readonly JournalEntry[];
  add(entry: Omit<JournalEntry, "number">): JournalEntry;
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
      return entry;
    },
  };
}

const MASKED = "***";
const SECRET_NAME = /token|secret|pass(?:word|wd|phrase)|credential|authorization|api_?key/i;
/** KEY as a word of a binding's name: SIGNING_KEY and signingKey, but not KEYBOARD. */
const KEY_NAME = /(?:^|[_-])(?:key|KEY)(?:s|S)?(?:$|[_-])|[a-z\d]Keys?(?:$|[A-Z\d_-])/;
const SECRET_FIELDS = new Set(["text", "json", "key_base64", "key_jwk"]);

/**
 * A copy of a JSON value without the values of secret bindings, of bindings of any type that are named
 * like secrets, and of text fields that are.
 */
export function mask(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mask);
  if (!isRecord(value)) return value;
  const isSecret =
    (typeof value["type"] === "string" && value["type"].startsWith("secret")) ||
    (typeof value["name"] === "string" &&
      (SECRET_NAME.test(value["name"]) || KEY_NAME.test(value["name"])));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      const hidden = (isSecret && SECRET_FIELDS.has(name)) || isNamedSecret(name, field);
      return [name, hidden ? MASKED : mask(field)];
    }),
  );
}

function isNamedSecret(name: string, field: unknown): boolean {
  return typeof field === "string" && SECRET_NAME.test(name);
}

/** The same for the query of a URL's path. */
export function maskPath(path: string): string {
  const [pathname, query] = splitOnce(path, "?");
  if (query === undefined) return pathname;
  const params = new URLSearchParams(query);
  for (const name of params.keys()) if (SECRET_NAME.test(name)) params.set(name, MASKED);
  return `${pathname}?${params.toString()}`;
}

function splitOnce(text: string, separator: string): [string, string?] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

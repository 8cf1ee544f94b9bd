import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../lib/unknown.ts";
import { type Blobs, openBlobs } from "./blobs.ts";
import { writeDurably } from "./durable-file.ts";
import { STATE_FORMAT, type State, emptyState } from "./state.ts";

/** The account's state, on disk and in memory. */
export interface Store {
  /** What is on disk. Never changed in place: hold it and it stays what it was. */
  readonly state: State;
  readonly blobs: Blobs;
  /**
   * Applies `change` to a copy, writes the copy and makes it the state. When `change` or the write throws,
   * the state stays as it was, here and on disk.
   */
  update<T>(change: (draft: State) => T): T;
}

/**
 * Opens the state kept in `dir`, which is made when missing, and removes blobs that nothing refers to.
 * @throws when the file is not a state that this code can read
 */
export function openStore(dir: string): Store {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, "state.json");
  for (const name of readdirSync(dir)) {
    if (name.startsWith("state.json.") && name.endsWith(".tmp")) rmSync(join(dir, name));
  }
  let state = existsSync(file) ? parseState(file, readFileSync(file, "utf8")) : emptyState();
  const blobs = openBlobs(join(dir, "blobs"));
  blobs.collect(referencedBlobs(state));
  return {
    get state() {
      return state;
    },
    blobs,
    update(change) {
      const draft = structuredClone(state);
      const result = change(draft);
      writeDurably(file, `${JSON.stringify(draft)}\n`);
      state = draft;
      return result;
    },
  };
}

function referencedBlobs(state: State): Set<string> {
  const versions = state.scripts.flatMap((script) => script.versions);
  return new Set(versions.flatMap((version) => version.modules.map((module) => module.sha256)));
}

function parseState(file: string, text: string): State {
  const reset = `Move ${file} away to start with an empty account.`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${messageOf(error)}. ${reset}`, {
      cause: error,
    });
  }
  const format =
    typeof value === "object" && value !== null && "format" in value ? value.format : undefined;
  if (format !== STATE_FORMAT) {
    throw new Error(
      `${file} has format ${JSON.stringify(format)}, and this version reads format ${STATE_FORMAT}. ${reset}`,
    );
  }
  if (isState(value)) return value;
  throw new Error(`${file} lacks parts of a state of format ${STATE_FORMAT}. ${reset}`);
}

/** The file is our own and is replaced as a whole, so its outline is enough. */
function isState(value: unknown): value is State {
  if (typeof value !== "object" || value === null) return false;
  const record: Record<string, unknown> = { ...value };
  const empty: Record<string, unknown> = { ...emptyState() };
  return Object.entries(empty).every(
    ([key, example]) =>
      typeof record[key] === typeof example &&
      Array.isArray(record[key]) === Array.isArray(example),
  );
}

import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../lib/unknown.ts";
import { type Blobs, openBlobs } from "./blobs.ts";
import { writeDurably } from "./durable-file.ts";
import { STATE_FORMAT, type State, emptyState } from "./state.ts";
import { upgradeState } from "./upgrade.ts";

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
  /** Removes blobs that nothing refers to. Not while an upload has put blobs that no state names yet. */
  collectBlobs(): void;
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
  let state = existsSync(file) ? readState(file) : emptyState();
  const blobs = openBlobs(join(dir, "blobs"));
  const collectBlobs = (): void => blobs.collect(referencedBlobs(state));
  collectBlobs();
  return {
    get state() {
      return state;
    },
    blobs,
    update(change) {
      const draft = structuredClone(state);
      const result = change(draft);
      writeDurably(file, textOf(draft));
      state = draft;
      return result;
    },
    collectBlobs,
  };
}

function referencedBlobs(state: State): Set<string> {
  const versions = state.scripts.flatMap((script) => script.versions);
  return new Set(versions.flatMap((version) => version.modules.map((module) => module.sha256)));
}

/** The state in `file`; one of an older format is replaced there, and kept beside it. */
function readState(file: string): State {
  const { state, from } = parseState(file, readFileSync(file, "utf8"));
  if (from !== STATE_FORMAT) {
    copyFileSync(file, file.replace(/\.json$/, `.format-${from}.json`));
    writeDurably(file, textOf(state));
  }
  return state;
}

function parseState(file: string, text: string): ReturnType<typeof upgradeState> {
  const reset = `Move ${file} away to start with an empty account.`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${messageOf(error)}. ${reset}`, { cause: error });
  }
  try {
    return upgradeState(value);
  } catch (error) {
    throw new Error(`${file} ${messageOf(error)} ${reset}`, { cause: error });
  }
}

function textOf(state: State): string {
  return `${JSON.stringify(state)}\n`;
}

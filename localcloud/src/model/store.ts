import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../lib/unknown.ts";
import { type Blobs, openBlobs } from "./blobs.ts";
import { writeDurably } from "./durable-file.ts";
import { createLag } from "./lag.ts";
import { STATE_FORMAT, type State, emptyState } from "./state.ts";
import { upgradeState } from "./upgrade.ts";

/** The account's state, on disk and in memory. */
export interface Store {
  /** What is on disk. Never changed in place: hold it and it stays what it was. */
  readonly state: State;
  /** What reads are answered from: the state, or an older one while {@link StoreOptions.lagMs} says so. */
  readonly visible: State;
  readonly blobs: Blobs;
  /**
   * Applies `change` to a copy, writes the copy and makes it the state. When `change` or the write throws,
   * the state stays as it was, here and on disk. Blobs that nothing refers to any more are removed.
   */
  update<T>(change: (draft: State) => T): T;
}

export interface StoreOptions {
  /** For how long {@link Store.visible} stays what it was before a write, in milliseconds. @default 0 */
  lagMs?: () => number;
}

/**
 * Opens the state kept in `dir`, which is made when missing, and removes blobs that nothing refers to.
 * @throws when the file is not a state that this code can read
 */
export function openStore(dir: string, { lagMs = () => 0 }: StoreOptions = {}): Store {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, "state.json");
  for (const name of readdirSync(dir)) {
    if (name.startsWith("state.json.") && name.endsWith(".tmp")) rmSync(join(dir, name));
  }
  let state = existsSync(file) ? readState(file) : emptyState();
  const blobs = openBlobs(join(dir, "blobs"));
  const lag = createLag(lagMs);
  blobs.collect(referencedBlobs([state]));
  return {
    get state() {
      return state;
    },
    get visible() {
      return lag.at(state);
    },
    blobs,
    update(change) {
      const draft = structuredClone(state);
      const result = change(draft);
      writeDurably(file, textOf(draft));
      lag.push(state);
      state = draft;
      try {
        blobs.collect(referencedBlobs([state, ...lag.states()]));
      } catch {
        // The change is made, whatever can be cleared away: what is left is collected after the next one.
      }
      return result;
    },
  };
}

function referencedBlobs(states: readonly State[]): Set<string> {
  const versions = states.flatMap(({ scripts }) => scripts.flatMap((script) => script.versions));
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

import { posix } from "node:path";
import type { RunnableModule } from "./types.ts";

type ModuleKind = "esm" | "cjs" | "text" | "data" | "json" | "wasm";

/** A module as workerd takes it: code and text as strings, the rest as bytes. */
export interface WorkerModule {
  name: string;
  kind: ModuleKind;
  contents: string | Uint8Array<ArrayBuffer>;
}

const KINDS: ReadonlyMap<string, ModuleKind> = new Map([
  ["application/javascript+module", "esm"],
  ["text/javascript+module", "esm"],
  ["application/javascript", "cjs"],
  ["text/javascript", "cjs"],
  ["text/plain", "text"],
  ["text/html", "text"],
  ["application/octet-stream", "data"],
  ["application/json", "json"],
  ["application/wasm", "wasm"],
]);

const SOURCE_MAP = "application/source-map";

/**
 * The name under which other modules import it: wrangler uploads `./a.wasm` for what the code imports
 * as `./a.wasm` from `worker.js`, which is the module `a.wasm`.
 */
export function moduleName(uploaded: string): string {
  return posix.normalize(uploaded);
}

/** The modules that run; source maps are left out. Unknown content types count as data. */
export function workerModules(modules: readonly RunnableModule[]): WorkerModule[] {
  return modules.flatMap((module) => {
    const type = module.contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
    if (type === SOURCE_MAP) return [];
    const name = moduleName(module.name);
    const kind = KINDS.get(type) ?? (/\.m?js$/.test(name) ? "esm" : "data");
    return [{ name, kind, contents: contentsOf(name, kind, module.contents) }];
  });
}

/** A name that none of the modules has, `wanted` if that is free. */
export function freeModuleName(modules: readonly WorkerModule[], wanted: string): string {
  const taken = new Set(modules.map(({ name }) => name));
  let free = wanted;
  while (taken.has(free)) free = `_${free}`;
  return free;
}

function contentsOf(name: string, kind: ModuleKind, bytes: Uint8Array): WorkerModule["contents"] {
  if (kind === "data" || kind === "wasm") return new Uint8Array(bytes);
  const text = new TextDecoder().decode(bytes);
  if (kind !== "esm" && kind !== "cjs") return text;
  // Error messages and stacks then name the module as it was uploaded.
  return text.includes("//# sourceURL=") ? text : `${text}\n//# sourceURL=${name}`;
}

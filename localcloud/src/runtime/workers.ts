import type { NodeHandler, UniqueKey, WorkerOptions } from "./adapter.ts";
import { ABSENT_CLASS, ABSENT_SCRIPT, type WorkerBinding, workerBindings } from "./bindings.ts";
import { FIRST_COMPATIBILITY_DATE, runnableDate } from "./compatibility-date.ts";
import { DESK, DESK_CODE, DESK_TAIL, DESK_TRACES, deskBinding, deskProps } from "./desk.ts";
import { freeModuleName, moduleName, workerModules } from "./modules.ts";
import { TAIL_ENTRYPOINT, tailBinding, tailWorkerCode } from "./tail-worker.ts";
import type { RunnableScript } from "./types.ts";

/**
 * Takes requests with the whole URL in their first line. With a port, even 0, Miniflare would ask for the same
 * one at each update, and another program may have taken it since the last workerd ended.
 */
const DIRECT_SOCKET = { host: "127.0.0.1", proxy: true };

/** A script in Miniflare's words. */
export function workerOf(
  script: RunnableScript,
  scripts: ReadonlyMap<string, RunnableScript>,
  isTraced: boolean,
): WorkerOptions {
  const desk = { worker: DESK, entrypoint: DESK_TAIL, props: deskProps(script) };
  const env: Record<string, WorkerBinding> = workerBindings(script, scripts);
  const namespaces = script.namespaces.map(
    ({ id, className, useSqlite }) =>
      [
        className,
        {
          type: "durable-object",
          storage: useSqlite ? "sqlite" : "legacy-kv",
          unsafeUniqueKey: id,
        },
      ] as const,
  );
  return {
    config: {
      name: script.name,
      compatibilityDate: runnableDate(script.compatibilityDate),
      compatibilityFlags: script.compatibilityFlags,
      manifest: manifestOf(script),
      env,
      exports: Object.fromEntries(namespaces),
      // Not for nothing: every event would cost a call of the desk, whatever that makes of it.
      ...(isTraced || script.tailConsumers.length > 0 ? { tailConsumers: [desk] } : {}),
    },
    dev: { unsafeDirectSockets: [DIRECT_SOCKET] },
  };
}

function manifestOf(script: RunnableScript): WorkerOptions["config"]["manifest"] {
  const modules = workerModules(script.modules);
  const main = moduleName(script.mainModule);
  const own = modules.map(({ name, kind, contents }) => [name, { type: kind, contents }] as const);
  if (!script.handlesTail) {
    return { mainModule: main, modulesRoot: "/", modules: Object.fromEntries(own) };
  }
  const mainModule = freeModuleName(modules, "tail.js");
  const before = [mainModule, { type: "esm", contents: tailWorkerCode(main) }] as const;
  return { mainModule, modulesRoot: "/", modules: Object.fromEntries([...own, before]) };
}

/** The desk of these scripts; `takeTraces` is called with what it sends. */
export function deskWorker(
  scripts: readonly RunnableScript[],
  takeTraces: NodeHandler,
): WorkerOptions {
  const services = scripts.map(
    ({ name }) => [deskBinding(name), { type: "worker", worker: name }] as const,
  );
  const tails = scripts
    .filter(({ handlesTail }) => handlesTail)
    .map(
      ({ name }) =>
        [tailBinding(name), { type: "worker", worker: name, exportName: TAIL_ENTRYPOINT }] as const,
    );
  return {
    config: {
      name: DESK,
      compatibilityDate: "2026-09-01",
      compatibilityFlags: ["service_binding_extra_handlers"],
      manifest: {
        mainModule: "desk.js",
        modulesRoot: "/",
        modules: { "desk.js": { type: "esm", contents: DESK_CODE } },
      },
      env: {
        ...Object.fromEntries(services),
        ...Object.fromEntries(tails),
        [DESK_TRACES]: { type: "fetcher", handler: takeTraces },
      },
    },
    dev: { unsafeDirectSockets: [DIRECT_SOCKET] },
  };
}

const ABSENT_CODE = `import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
const message = "The script or entrypoint that this binding names does not exist.";
export class ${ABSENT_CLASS} extends DurableObject {
  constructor(...args) { super(...args); throw new Error(message); }
}
export default class extends WorkerEntrypoint {
  constructor(...args) { super(...args); throw new Error(message); }
}`;

/** The script that stands in for those that are not there. */
export function absentWorker(uniqueKey: UniqueKey): WorkerOptions {
  return {
    config: {
      name: ABSENT_SCRIPT,
      compatibilityDate: FIRST_COMPATIBILITY_DATE,
      manifest: {
        mainModule: "absent.js",
        modulesRoot: "/",
        modules: { "absent.js": { type: "esm", contents: ABSENT_CODE } },
      },
      exports: {
        [ABSENT_CLASS]: {
          type: "durable-object",
          storage: "sqlite",
          unsafeUniqueKey: uniqueKey,
        },
      },
    },
  };
}

import { randomUUID } from "node:crypto";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import {
  Log,
  LogLevel,
  Miniflare,
  type MiniflareOptions,
  kUnsafeEphemeralUniqueKey,
} from "miniflare";
import { ABSENT_CLASS, ABSENT_SCRIPT, type WorkerBinding, workerBindings } from "./bindings.ts";
import { readable, saidOf } from "./boot-error.ts";
import { moduleName, workerModules } from "./modules.ts";
import type { RunnableScript, ScriptAddress } from "./types.ts";

type WorkerOptions = MiniflareOptions["workers"][number];

/** A running workerd with one or more scripts in it. */
export interface Instance {
  /**
   * Replaces the scripts: their code, bindings and namespaces. Rejects when they do not boot; nothing
   * runs then until an update succeeds.
   */
  update(scripts: readonly RunnableScript[]): Promise<void>;
  /** Null for a script that is not in it. Changes with every update. */
  address(script: string): ScriptAddress | null;
  dispose(): Promise<void>;
}

export interface InstanceOptions {
  /** Storage of Durable Objects: one folder per namespace, named by its id. Shared by all instances. */
  objectsDir: string;
  /** Gets a folder per instance, for what need not survive it (caches, rate limits). */
  scratchDir: string;
  /** Takes what the scripts and workerd print, a line or more at a time. */
  log: (text: string) => void;
}

/** Cloudflare takes a script without a compatibility date for one of this day. */
const FIRST_COMPATIBILITY_DATE = "2021-11-02";

const ABSENT_CODE = `import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
const message = "The script that this binding names does not exist.";
export class ${ABSENT_CLASS} extends DurableObject {
  constructor(...args) { super(...args); throw new Error(message); }
}
export default class extends WorkerEntrypoint {
  fetch() { throw new Error(message); }
}`;

const ABSENT_WORKER: WorkerOptions = {
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
        unsafeUniqueKey: kUnsafeEphemeralUniqueKey,
      },
    },
  },
};

/**
 * Starts a workerd with these scripts.
 * @throws {BindingError} for a binding that cannot be provided, before anything starts
 */
export async function startInstance(
  scripts: readonly RunnableScript[],
  options: InstanceOptions,
): Promise<Instance> {
  const workers = workersOf(scripts);
  const root = await makeRoot(options);
  const shared = sharedOptions(root, options);
  const miniflare = construct({ ...shared, workers });
  const instance = new MiniflareInstance(miniflare, shared, root);
  try {
    await readable(miniflare.ready);
    await instance.learnAddresses(scripts);
  } catch (error) {
    await instance.dispose();
    throw error;
  }
  return instance;
}

/** Throws what `startInstance` would throw for these scripts before it starts anything. */
export function checkScripts(scripts: readonly RunnableScript[]): void {
  workersOf(scripts);
}

class MiniflareInstance implements Instance {
  readonly #miniflare: Miniflare;
  readonly #shared: Omit<MiniflareOptions, "workers">;
  readonly #root: string;
  #addresses: ReadonlyMap<string, ScriptAddress> = new Map();

  constructor(miniflare: Miniflare, shared: Omit<MiniflareOptions, "workers">, root: string) {
    this.#miniflare = miniflare;
    this.#shared = shared;
    this.#root = root;
  }

  async update(scripts: readonly RunnableScript[]): Promise<void> {
    const workers = workersOf(scripts);
    this.#addresses = new Map();
    await readable(this.#miniflare.setOptions({ ...this.#shared, workers }));
    await this.learnAddresses(scripts);
  }

  async learnAddresses(scripts: readonly RunnableScript[]): Promise<void> {
    const addresses = new Map<string, ScriptAddress>();
    for (const { name } of scripts) {
      const url = await this.#miniflare.unsafeGetDirectURL(name);
      addresses.set(name, {
        host: url.hostname,
        port: Number(url.port),
        // Becomes `request.cf`; Miniflare sets it on its own entry, which these requests go around.
        headers: { "mf-cf-blob": JSON.stringify({ colo: "LOC", httpProtocol: "HTTP/1.1" }) },
      });
    }
    this.#addresses = addresses;
  }

  address(script: string): ScriptAddress | null {
    return this.#addresses.get(script) ?? null;
  }

  async dispose(): Promise<void> {
    this.#addresses = new Map();
    // It rejects for an instance that failed to boot, though it cleans up.
    await this.#miniflare.dispose().catch(() => {});
    await rm(this.#root, { recursive: true, force: true });
  }
}

/**
 * Miniflare keeps everything under one root. Only Durable Objects are to survive, and two instances
 * must not open one store: so each has a root of its own, in which the objects are a link.
 */
async function makeRoot(options: InstanceOptions): Promise<string> {
  const root = join(options.scratchDir, randomUUID());
  await mkdir(root, { recursive: true });
  await mkdir(options.objectsDir, { recursive: true });
  await symlink(options.objectsDir, join(root, "do"), "junction");
  return root;
}

function sharedOptions(root: string, options: InstanceOptions): Omit<MiniflareOptions, "workers"> {
  return {
    host: "127.0.0.1",
    port: 0,
    cf: false,
    logRequests: false,
    enableDevRegistry: false,
    resourcePersistencePath: root,
    resourceTmpPath: join(root, "tmp"),
    log: new WarningLog(options.log),
    handleStructuredLogs: ({ level, message }) => options.log(`${level} ${saidOf(message)}`),
  };
}

function workersOf(scripts: readonly RunnableScript[]): WorkerOptions[] {
  const byName = new Map(scripts.map((script) => [script.name, script]));
  const workers = scripts.map((script) => workerOf(script, byName));
  const needsAbsent = workers.some(({ config }) =>
    Object.values(config.env ?? {}).some(
      (binding) =>
        typeof binding === "object" &&
        binding !== null &&
        "worker" in binding &&
        binding.worker === ABSENT_SCRIPT,
    ),
  );
  return needsAbsent ? [...workers, ABSENT_WORKER] : workers;
}

function workerOf(
  script: RunnableScript,
  scripts: ReadonlyMap<string, RunnableScript>,
): WorkerOptions {
  const env: Record<string, WorkerBinding> = workerBindings(script, scripts);
  const modules = workerModules(script.modules).map(
    ({ name, kind, contents }) => [name, { type: kind, contents }] as const,
  );
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
      compatibilityDate: script.compatibilityDate || FIRST_COMPATIBILITY_DATE,
      compatibilityFlags: script.compatibilityFlags,
      manifest: {
        mainModule: moduleName(script.mainModule),
        modulesRoot: "/",
        modules: Object.fromEntries(modules),
      },
      env,
      exports: Object.fromEntries(namespaces),
    },
    dev: {
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0, proxy: true }],
    },
  };
}

/**
 * Miniflare ends the process itself on SIGINT, SIGTERM and SIGHUP, before the program can close what
 * else it has open. It need not: the reaper ends workerd.
 */
function construct(options: MiniflareOptions): Miniflare {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const before = signals.map((signal) => new Set(process.listeners(signal)));
  const miniflare = new Miniflare(options);
  for (const [index, signal] of signals.entries()) {
    for (const listener of process.listeners(signal)) {
      if (before[index]?.has(listener) === false) process.off(signal, listener);
    }
  }
  return miniflare;
}

class WarningLog extends Log {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    super(LogLevel.WARN);
    this.#write = write;
  }

  protected override log(message: string): void {
    this.#write(stripVTControlCharacters(message));
  }
}

import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { COMPATIBILITY_DATE, COMPATIBILITY_FLAGS } from "@visitor-tracker/worker/compatibility";
import { Log, LogLevel, Miniflare, type MiniflareOptions } from "miniflare";
import type { Address } from "./address.ts";
import { answer } from "./child.ts";
import { isRecord } from "./is-record.ts";

// A child process that runs one Worker on workerd.

const WORKER = "subject";
/** The class of pages' objects is one of these. */
const PAGE_CLASSES = ["PageCounter", "Page"];

interface HostOptions {
  readonly code: string;
  readonly classNames: readonly string[];
  readonly settings: unknown;
}

class Host {
  readonly #options: HostOptions;
  readonly #dir: string;
  readonly #miniflare: Miniflare;

  constructor(options: HostOptions, dir: string) {
    this.#options = options;
    this.#dir = dir;
    this.#miniflare = new Miniflare(this.#runtime(0));
  }

  async address(): Promise<Address> {
    await this.#miniflare.ready;
    // Past Miniflare's own entry, which negotiates compression whatever the Worker's flags say.
    const { port } = await this.#miniflare.unsafeGetDirectURL(WORKER);
    return { port: Number(port), pid: workerdPid() };
  }

  async restart(port: number): Promise<Address> {
    await this.#miniflare.setOptions(this.#runtime(port));
    return this.address();
  }

  async evict(name: string): Promise<void> {
    const { classNames } = this.#options;
    const className = PAGE_CLASSES.find((known) => classNames.includes(known)) ?? "";
    await this.#miniflare.unsafeEvictDurableObject(WORKER, className, { name });
  }

  async end(): Promise<void> {
    await this.#miniflare.dispose();
    await rm(this.#dir, { recursive: true, force: true });
  }

  #runtime(port: number): MiniflareOptions {
    return {
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.WARN),
      logRequests: false,
      enableDevRegistry: false,
      resourcePersistencePath: join(this.#dir, "storage"),
      resourceTmpPath: join(this.#dir, "tmp"),
      workers: [worker(this.#options, port)],
    };
  }
}

type WorkerOptions = MiniflareOptions["workers"][number];

function worker({ code, classNames, settings }: HostOptions, port: number): WorkerOptions {
  const bindings = classNames.map((exportName) => [
    bindingName(exportName),
    { type: "durable-object", worker: WORKER, exportName } as const,
  ]);
  const exports = classNames.map((name) => [
    name,
    { type: "durable-object", storage: "sqlite" } as const,
  ]);
  return {
    config: {
      name: WORKER,
      compatibilityDate: COMPATIBILITY_DATE,
      compatibilityFlags: [...COMPATIBILITY_FLAGS],
      manifest: {
        mainModule: "worker.js",
        modulesRoot: "/",
        modules: { "worker.js": { type: "esm", contents: code } },
      },
      env: {
        ...Object.fromEntries(bindings),
        ALLOWED_ORIGINS: { type: "json", value: ["*", "none"] },
        SETTINGS: { type: "json", value: settings },
      },
      exports: Object.fromEntries(exports),
    },
    dev: { unsafeDirectSockets: [{ host: "127.0.0.1", port }] },
  };
}

/** Every class is bound under its own name as a constant: PageCounter as PAGE_COUNTER. */
function bindingName(className: string): string {
  return className.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toUpperCase();
}

/** The workerd that this process started; Miniflare does not tell. */
function workerdPid(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8");
  for (const pid of children.trim().split(" ")) {
    if (readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "workerd") return Number(pid);
  }
  throw new Error(`process ${process.pid} runs no workerd`);
}

function parseOptions(value: unknown): HostOptions {
  const { code, classNames, settings } = isRecord(value) ? value : {};
  if (typeof code !== "string" || !Array.isArray(classNames)) {
    throw new TypeError("the host needs code and classNames");
  }
  return { code, classNames: classNames.map(String), settings };
}

let host: Host | null = null;

function running(): Host {
  if (host === null) throw new Error("the host was not started");
  return host;
}

answer(
  {
    start: async (options) => {
      const dir = await mkdtemp(join(tmpdir(), "visitor-tracker-bench-"));
      host = new Host(parseOptions(options), dir);
      return host.address();
    },
    restart: (port) => running().restart(Number(port)),
    evict: (name) => running().evict(String(name)),
  },
  () => host?.end(),
);

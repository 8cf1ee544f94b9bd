import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  Miniflare,
  type MiniflareOptions,
  type Request,
  Response,
  kUnsafeEphemeralUniqueKey,
} from "miniflare";
import { ABSENT_SCRIPT } from "./bindings.ts";
import { readable, saidOf } from "./boot-error.ts";
import { byName } from "./component.ts";
import { DESK, type TraceReport, deskBinding, parseReport, parseScheduledResult } from "./desk.ts";
import { makeInstanceRoot } from "./instance-root.ts";
import { post } from "./post.ts";
import { REQUEST_CF } from "./request-cf.ts";
import { type TailDelivery, tailBinding } from "./tail-worker.ts";
import type { RunnableScript, ScheduledEvent, ScheduledResult, ScriptAddress } from "./types.ts";
import { WarningLog } from "./warning-log.ts";
import { absentWorker, deskWorker, workerOf } from "./workers.ts";

export type WorkerOptions = MiniflareOptions["workers"][number];
export type UniqueKey = typeof kUnsafeEphemeralUniqueKey;
/** Answers a Worker's requests in this process. */
export type NodeHandler = (request: Request) => Promise<Response>;

/** A running workerd with one or more scripts in it. */
export interface Instance {
  /**
   * Replaces the scripts: their code, bindings and namespaces. Rejects when they do not boot; nothing
   * runs then until an update succeeds.
   */
  update(scripts: readonly RunnableScript[]): Promise<void>;
  /**
   * Null for a script that is not in it. Changes with every update. A workerd that died is started again, with
   * a line in the log: this waits for it.
   */
  address(script: string): Promise<ScriptAddress | null>;
  /** Whether its scripts report what they do: when somebody looked at traces as they were started. */
  readonly isTraceable: boolean;
  /** Says whether somebody looks at traces; only for one with `traces`. */
  setTraced(isTraced: boolean): Promise<void>;
  /** Calls the script's `tail` handler; only for one with `traces`. */
  deliverTail(script: string, delivery: TailDelivery): Promise<void>;
  /** Only for one with `traces`. */
  runScheduled(script: string, event: ScheduledEvent): Promise<ScheduledResult>;
  dispose(): Promise<void>;
}

export interface InstanceOptions {
  /** Storage of Durable Objects: one folder per namespace, named by its id. Shared by all instances. */
  objectsDir: string;
  /** Gets a folder per instance, for what need not survive it (caches, rate limits). */
  scratchDir: string;
  /** Takes what the scripts and workerd print, a line or more at a time. */
  log: (text: string) => void;
  /** Who gets to see what the scripts do; without it they are not looked at. */
  traces?: { isTraced: () => boolean; onReport: (report: TraceReport) => void };
}

/** How long the desk may take for what it does at once. */
const ORDER_LIMIT_MS = 5_000;

/** How long a `tail` handler may take. */
const TAIL_LIMIT_MS = 30_000;

/** How long a scheduled handler may take: what Cloudflare gives one that runs at least hourly. */
const SCHEDULED_LIMIT_MS = 15 * 60_000;

/**
 * Starts a workerd with these scripts.
 * @throws {BindingError} for a binding that cannot be provided, before anything starts
 */
export async function startInstance(
  scripts: readonly RunnableScript[],
  options: InstanceOptions,
): Promise<Instance> {
  const workers = workersOf(scripts, options);
  const root = await makeInstanceRoot(options);
  const running = { ...sharedOptions(root, options), workers };
  const miniflare = construct(running);
  const instance = new MiniflareInstance(miniflare, running, root, options);
  try {
    await instance.started(miniflare.ready, scripts);
  } catch (error) {
    await instance.dispose();
    throw error;
  }
  return instance;
}

/** Throws what `startInstance` would throw for these scripts before it starts anything. */
export function checkScripts(scripts: readonly RunnableScript[]): void {
  workersOf(scripts, {});
}

class MiniflareInstance implements Instance {
  readonly #miniflare: Miniflare;
  readonly #root: string;
  readonly #options: InstanceOptions;
  /** What runs, or would if it had not died. */
  #running: MiniflareOptions;
  #names: ReadonlySet<string> = new Set();
  #revival: Promise<void> | null = null;
  isTraceable: boolean;

  constructor(
    miniflare: Miniflare,
    running: MiniflareOptions,
    root: string,
    options: InstanceOptions,
  ) {
    this.#miniflare = miniflare;
    this.#running = running;
    this.#root = root;
    this.#options = options;
    this.isTraceable = isTracedNow(options);
  }

  async update(scripts: readonly RunnableScript[]): Promise<void> {
    this.#running = { ...this.#running, workers: workersOf(scripts, this.#options) };
    this.isTraceable = isTracedNow(this.#options);
    this.#names = new Set();
    await this.started(this.#miniflare.setOptions(this.#running), scripts);
  }

  async started(ready: Promise<unknown>, scripts: readonly RunnableScript[]): Promise<void> {
    await readable(ready);
    this.#names = new Set(scripts.map(({ name }) => name));
  }

  async address(script: string): Promise<ScriptAddress | null> {
    if (!this.#names.has(script)) return null;
    const url = await this.#url(script).catch(() => null);
    if (url === null) return null;
    // Becomes `request.cf`; Miniflare sets it on its own entry, which these requests go around.
    const headers = { "mf-cf-blob": JSON.stringify(REQUEST_CF) };
    return { host: url.hostname, port: Number(url.port), headers };
  }

  async setTraced(isTraced: boolean): Promise<void> {
    await this.#order({ isTraced }, ORDER_LIMIT_MS);
  }

  async deliverTail(script: string, { events, unredacted }: TailDelivery): Promise<void> {
    await this.#order({ binding: tailBinding(script), events, unredacted }, TAIL_LIMIT_MS);
  }

  async runScheduled(script: string, event: ScheduledEvent): Promise<ScheduledResult> {
    const answer = await this.#order(
      { binding: deskBinding(script), ...event },
      SCHEDULED_LIMIT_MS,
    );
    return parseScheduledResult(answer);
  }

  /**
   * Where a script listens. Miniflare starts a workerd that died again, at the same ports; where that failed,
   * as another program has one of them by now, this does, at others.
   */
  async #url(script: string): Promise<URL> {
    const names = this.#names;
    try {
      return await this.#miniflare.unsafeGetDirectURL(script);
    } catch (error) {
      // By now an update may have begun, which starts it with what is to run next.
      if (this.#names !== names) throw error;
      this.#revival ??= this.#miniflare.setOptions(this.#running).finally(() => {
        this.#revival = null;
      });
      await this.#revival;
      return this.#miniflare.unsafeGetDirectURL(script);
    }
  }

  /** Tells the desk to do something. */
  async #order(order: object, limitMs: number): Promise<string> {
    const { port } = await this.#url(DESK);
    const answer = await post(Number(port), JSON.stringify(order), limitMs);
    return typeof answer === "string" ? answer : JSON.stringify({ error: answer.message });
  }

  async dispose(): Promise<void> {
    this.#names = new Set();
    // It rejects for an instance that failed to boot, though it cleans up.
    await this.#miniflare.dispose().catch(() => {});
    await rm(this.#root, { recursive: true, force: true });
  }
}

function sharedOptions(root: string, options: InstanceOptions): Omit<MiniflareOptions, "workers"> {
  return {
    host: "127.0.0.1",
    cf: false,
    logRequests: false,
    enableDevRegistry: false,
    resourcePersistencePath: root,
    resourceTmpPath: join(root, "tmp"),
    log: new WarningLog(options.log),
    handleStructuredLogs: ({ level, message }) => options.log(`${level} ${saidOf(message)}`),
  };
}

function workersOf(
  scripts: readonly RunnableScript[],
  options: Pick<InstanceOptions, "traces">,
): WorkerOptions[] {
  const { traces } = options;
  const isTraced = isTracedNow(options);
  const workers = scripts.map((script) => workerOf(script, byName(scripts), isTraced));
  if (traces !== undefined) {
    workers.push(
      deskWorker(scripts, async (request) => {
        traces.onReport(parseReport(await request.text()));
        return new Response(null);
      }),
    );
  }
  const needsAbsent = workers.some(({ config }) =>
    Object.values(config.env ?? {}).some(
      (binding) =>
        typeof binding === "object" &&
        binding !== null &&
        "worker" in binding &&
        binding.worker === ABSENT_SCRIPT,
    ),
  );
  return needsAbsent ? [...workers, absentWorker(kUnsafeEphemeralUniqueKey)] : workers;
}

function isTracedNow({ traces }: Pick<InstanceOptions, "traces">): boolean {
  return traces?.isTraced() ?? false;
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

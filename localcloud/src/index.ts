import { mkdirSync } from "node:fs";
import type { Server } from "node:http";
import { join, resolve } from "node:path";
import { ENDPOINTS } from "./api/table.ts";
import { runnableScripts, servingVersions } from "./deploy/runnable.ts";
import { dropDoomedStorage } from "./deploy/swap.ts";
import { startEdge } from "./edge/edge.ts";
import { type Faults, createFaults } from "./faults.ts";
import { createMutex } from "./http/mutex.ts";
import type { Cloud } from "./http/reply.ts";
import { API_ROOT, createApiServer } from "./http/server.ts";
import { type JournalEntry, createJournal } from "./journal.ts";
import { closeServer, listen } from "./lib/listen.ts";
import { messageOf } from "./lib/unknown.ts";
import { ACCOUNT_ID, zoneId } from "./model/ids.ts";
import { lockFolder } from "./model/lock.ts";
import { addZones, scriptNamed, timestamp } from "./model/state.ts";
import { type Store, openStore } from "./model/store.ts";
import { createRuntime } from "./runtime/runtime.ts";
import type { EdgeTable } from "./runtime/types.ts";

export type { FaultRule, Faults } from "./faults.ts";
export type { JournalEntry } from "./journal.ts";
export { resetLocalCloud } from "./model/reset.ts";

/** Zones that a fresh account has. `localhost` needs no name resolution of `*.localhost`. */
export const DEFAULT_ZONES: readonly string[] = ["localhost", "visitors.localhost"];

/** A token that clients accept which check its form. The local cloud accepts any. */
export const LOCAL_TOKEN = "local-cloud-token-0123456789abcdef0123456789abcdef";

const HOST = "127.0.0.1";

/** How long requests to the API that are under way may take when it is closed. */
const GRACE_MS = 5_000;

export interface LocalCloudOptions {
  /** Folder of the account's state, made when missing. One process at a time. */
  dir: string;
  /** Port of the API; 0 for any free one. @default 8789 */
  port?: number;
  /** Port of the edge, where deployed Workers answer; 0 for any free one. @default 8788 */
  edgePort?: number;
  /** Zones to have, besides those that the state has. @default DEFAULT_ZONES */
  zones?: string[];
  /** Leaves `x-should-retry: false` off failures, as Cloudflare does. @default false */
  strict?: boolean;
  /** Called after each request to the API. */
  onRequest?: (entry: JournalEntry) => void;
  /** Called with what a person should know. @default writes to stderr */
  onWarning?: (message: string) => void;
}

/** A running local cloud. */
export interface LocalCloud {
  /** Base URL for clients, such as `http://127.0.0.1:8789/client/v4`. */
  apiUrl: string;
  /** Where the zone `localhost` is served, such as `http://localhost:8788`. */
  edgeUrl: string;
  accountId: string;
  /** Id that a zone of this name has; no promise that there is one. */
  zoneId(name: string): string;
  /** Environment variables that point the cloudflare SDK, Terraform and Pulumi here. */
  env(): Record<string, string>;
  faults: Faults;
  /** The last requests, oldest first; the list grows. */
  journal: readonly JournalEntry[];
  /** Finishes the requests under way, stops what runs and gives the folder free. */
  close(): Promise<void>;
}

/**
 * Starts a local cloud; the scripts of `dir` serve when it resolves.
 * @throws when the folder is in use or its state cannot be read, or when a port is taken
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const dir = resolve(options.dir);
  const cleanups: (() => void | Promise<void>)[] = [];
  let closed: Promise<void> | null = null;
  const close = (): Promise<void> => (closed ??= runInReverse(cleanups));
  try {
    return await start(dir, options, cleanups, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function runInReverse(tasks: readonly (() => void | Promise<void>)[]): Promise<void> {
  for (const task of tasks.toReversed()) await task();
}

async function start(
  dir: string,
  options: LocalCloudOptions,
  cleanups: (() => void | Promise<void>)[],
  close: () => Promise<void>,
): Promise<LocalCloud> {
  const { onWarning = warnOnStderr, onRequest = () => undefined, strict = false } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = lockFolder(dir);
  cleanups.push(() => lock.release());
  const store = openStore(dir);
  addMissingZones(store, options.zones ?? DEFAULT_ZONES);
  const runtime = createRuntime({ dir: join(dir, "runtime") });
  cleanups.push(() => runtime.close());
  const cloud: Cloud = { store, runtime, deployments: createMutex(), onWarning };
  const faults = createFaults();
  const journal = createJournal(join(dir, "journal.ndjson"));
  const api = createApiServer({ cloud, endpoints: ENDPOINTS, faults, journal, strict, onRequest });
  const port = await listenAs(api, "port", options.port ?? 8789);
  cleanups.push(() => closeServer(api, { graceMs: GRACE_MS }));
  await cloud.deployments.run(() => resume(cloud));
  const edge = await startEdgeAs(options.edgePort ?? 8788, edgeTable(store), cloud);
  cleanups.push(() => edge.close());
  const apiUrl = `http://${HOST}:${port}${API_ROOT}`;
  return {
    apiUrl,
    edgeUrl: `http://localhost:${edge.port}`,
    accountId: ACCOUNT_ID,
    zoneId,
    env: () => clientEnvironment(apiUrl),
    faults,
    journal: journal.entries,
    close,
  };
}

function addMissingZones(store: Store, names: readonly string[]): void {
  const present = new Set(store.state.zones.map((zone) => zone.name));
  if (names.every((name) => present.has(name))) return;
  store.update((draft) => addZones(draft, names, timestamp()));
}

/** Starts what the state says, and finishes what the last process did not. One bad script stops no other. */
async function resume(cloud: Cloud): Promise<void> {
  const { store, runtime, onWarning } = cloud;
  await dropDoomedStorage(cloud);
  const warn = (name: string, error: unknown): void =>
    onWarning(
      `Script '${name}' could not be started: ${messageOf(error)} Upload it again, or delete it.`,
    );
  const scripts = runnableScripts(store.state, store.blobs, warn);
  for (const name of scripts.keys()) {
    try {
      // A script that is bound to one before it runs already.
      if ((await runtime.address(name)) === null) await runtime.deploy(name, scripts);
    } catch (error) {
      warn(name, error);
    }
  }
}

function edgeTable(store: Store): EdgeTable {
  return {
    routes: () => store.state.routes,
    domains: () => store.state.domains,
    isWorkersDevEnabled: (script, subdomain) =>
      subdomain === store.state.subdomain &&
      (scriptNamed(store.state, script)?.subdomain.enabled ?? false),
    versions: (name) => servingVersions(store.state, name),
  };
}

function clientEnvironment(apiUrl: string): Record<string, string> {
  return {
    CLOUDFLARE_BASE_URL: apiUrl,
    CLOUDFLARE_API_TOKEN: LOCAL_TOKEN,
    CLOUDFLARE_ACCOUNT_ID: ACCOUNT_ID,
  };
}

async function listenAs(server: Server, option: string, port: number): Promise<number> {
  try {
    return await listen(server, HOST, port);
  } catch (error) {
    throw portError(error, option, port);
  }
}

async function startEdgeAs(
  port: number,
  table: EdgeTable,
  { runtime }: Cloud,
): Promise<Awaited<ReturnType<typeof startEdge>>> {
  try {
    return await startEdge({ port, table, runtime });
  } catch (error) {
    throw portError(error, "edgePort", port);
  }
}

function portError(error: unknown, option: string, port: number): unknown {
  const codes = [error, error instanceof Error ? error.cause : null].map((candidate) =>
    candidate instanceof Error && "code" in candidate ? candidate.code : null,
  );
  if (!codes.includes("EADDRINUSE")) return error;
  return new Error(
    `Port ${port} (option "${option}") is taken by another program. Stop it, or choose another port; 0 takes any free one.`,
    { cause: error },
  );
}

function warnOnStderr(message: string): void {
  process.stderr.write(`localcloud: ${message}\n`);
}

import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ENDPOINTS } from "./api/table.ts";
import { clearAccount } from "./deploy/clear.ts";
import { resume } from "./deploy/resume.ts";
import { servingVersions } from "./deploy/runnable.ts";
import { type Edge, startEdge } from "./edge/edge.ts";
import { type ClientName, clientEnvironment } from "./environment.ts";
import { type FaultSource, type Faults, createFaults } from "./faults.ts";
import type { RunInfo } from "./http/control.ts";
import { createMutex } from "./http/mutex.ts";
import type { Cloud } from "./http/reply.ts";
import { API_ROOT, createApiServer } from "./http/server.ts";
import { createJournalStreams } from "./http/stream.ts";
import { acceptTails } from "./http/tail-socket.ts";
import { type JournalEntry, createJournal } from "./journal.ts";
import { closeServer, listen, portError } from "./lib/listen.ts";
import { checkNode } from "./lib/node-version.ts";
import { ACCOUNT_ID, zoneId } from "./model/ids.ts";
import { lockFolder } from "./model/lock.ts";
import { type State, scriptNamed } from "./model/state.ts";
import { type Store, openStore } from "./model/store.ts";
import { createRuntime } from "./runtime/runtime.ts";
import type { EdgeTable } from "./runtime/types.ts";
import { checkWorkerd } from "./runtime/workerd.ts";
import { startSchedules } from "./schedules/schedules.ts";
import { type Seed, applySeed, parseSeed } from "./seed.ts";
import { createTails } from "./tails/tails.ts";

export { type ClientName, LOCAL_TOKEN } from "./environment.ts";
export type { FaultRule } from "./fault-rule.ts";
export type { ActiveFault, Faults } from "./faults.ts";
export type { JournalEntry } from "./journal.ts";
export { resetLocalCloud } from "./model/reset.ts";
export type { Plan } from "./model/state.ts";
export type { Seed, SeedZone } from "./seed.ts";

/** Zones that a fresh account has. `localhost` needs no name resolution of `*.localhost`. */
export const DEFAULT_ZONES: readonly string[] = ["localhost"];

const HOST = "127.0.0.1";

/** How long requests to the API that are under way may take when it is closed. */
const GRACE_MS = 5_000;

export interface LocalCloudOptions {
  /**
   * Folder of the account's state, made when missing. One process at a time.
   * @default one of its own, which goes when it is closed
   */
  dir?: string;
  /** Port of the API; 0 for any free one. @default 8789 */
  port?: number;
  /** Port of the edge, where deployed Workers answer; 0 for any free one. @default 8788 */
  edgePort?: number;
  /** Zones to have, besides those that the state has. @default DEFAULT_ZONES */
  zones?: readonly string[];
  /** What else the account has; what is there already stays. */
  seed?: Seed;
  /** For how long reads are answered as before a write, in milliseconds; see {@link Faults}. @default 0 */
  eventualConsistencyMs?: number;
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
  /** Environment variables that point a client here. @default "sdk" */
  env(client?: ClientName): Record<string, string>;
  faults: Faults;
  /** The last requests, oldest first; the list grows. */
  journal: readonly JournalEntry[];
  /** Makes the account what it was at the first start: scripts, storage, faults and all. Ports stay. */
  reset(): Promise<void>;
  /** Finishes the requests under way, stops what runs and gives the folder free. */
  close(): Promise<void>;
}

/**
 * Starts a local cloud; the scripts of `dir` serve when it resolves.
 * @throws {TypeError} when an option has a wrong value
 * @throws when the folder is in use or its state cannot be read, a port is taken, or workerd does not run
 */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  checkNode();
  const zones = (options.zones ?? DEFAULT_ZONES).map((name) => ({ name }));
  const seeds = [parseSeed({ zones }), parseSeed(options.seed ?? {})];
  await checkWorkerd();
  const faults = createFaults();
  faults.setEventualConsistencyMs(options.eventualConsistencyMs ?? 0);
  const cleanups: (() => void | Promise<void>)[] = [];
  const dir = options.dir === undefined ? makeOwnFolder(cleanups) : resolve(options.dir);
  let closed: Promise<void> | null = null;
  const close = (): Promise<void> => (closed ??= runInReverse(cleanups));
  try {
    return await start({ dir, options, seeds, faults, cleanups, close });
  } catch (error) {
    await close();
    throw error;
  }
}

async function runInReverse(tasks: readonly (() => void | Promise<void>)[]): Promise<void> {
  for (const task of tasks.toReversed()) await task();
}

function makeOwnFolder(cleanups: (() => void)[]): string {
  const dir = mkdtempSync(join(tmpdir(), "localcloud-"));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

interface Start {
  dir: string;
  options: LocalCloudOptions;
  seeds: readonly Seed[];
  faults: FaultSource;
  cleanups: (() => void | Promise<void>)[];
  close: () => Promise<void>;
}

async function start(run: Start): Promise<LocalCloud> {
  const { options, faults, cleanups, close } = run;
  const { onRequest = () => undefined, strict = false } = options;
  const { cloud, reset } = openAccount(run);
  const journal = createJournal(join(run.dir, "journal.ndjson"));
  const streams = createJournalStreams(journal);
  const info = runInfo(run);
  let edge: Edge | undefined;
  const api = createApiServer({
    cloud,
    faults,
    journal,
    streams,
    strict,
    onRequest,
    reset,
    info: () => info,
    sockets: () => edge?.sockets() ?? [],
    endpoints: ENDPOINTS,
  });
  const port = await listenAs(api, "port", options.port ?? 8789);
  info.apiUrl = `http://${HOST}:${port}${API_ROOT}`;
  acceptTails(api, cloud.tails);
  cleanups.push(() => {
    cloud.tails.end("The local cloud stops.");
    streams.close();
    return closeServer(api, { graceMs: GRACE_MS });
  });
  await cloud.deployments.run(() => resume(cloud));
  const schedules = startSchedules(cloud);
  cleanups.push(() => schedules.close());
  const started = await startEdgeAs(options.edgePort ?? 8788, edgeTable(cloud.store), cloud);
  edge = started;
  cleanups.push(() => started.close());
  const edgeUrl = `http://localhost:${started.port}`;
  info.edgeUrl = edgeUrl;
  const { apiUrl, accountId } = info;
  const env = (client: ClientName = "sdk"): Record<string, string> =>
    clientEnvironment(client, apiUrl);
  const { entries } = journal;
  return { apiUrl, edgeUrl, accountId, zoneId, env, faults, journal: entries, reset, close };
}

/** Takes the folder, reads its state and adds what the options say. */
function openAccount({ dir, options, seeds, faults, cleanups }: Start): {
  cloud: Cloud;
  reset: () => Promise<void>;
} {
  const { onWarning = warnOnStderr } = options;
  const lock = lockFolder(dir);
  cleanups.push(() => lock.release());
  const store = openStore(dir, { lagMs: () => faults.eventualConsistencyMs });
  const fill = (draft: State): void => {
    for (const seed of seeds) applySeed(draft, seed);
  };
  if (changes(store.state, fill)) store.update(fill);
  const runtime = createRuntime({ dir: join(dir, "runtime") });
  cleanups.push(() => runtime.close());
  const tails = createTails(runtime);
  const cloud: Cloud = { store, runtime, tails, deployments: createMutex(), onWarning };
  const reset = async (): Promise<void> => {
    faults.clear();
    await clearAccount(cloud, fill);
  };
  return { cloud, reset };
}

function runInfo({ dir, options }: Start): RunInfo {
  return {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    dir: options.dir === undefined ? null : dir,
    apiUrl: "",
    edgeUrl: null,
    accountId: ACCOUNT_ID,
  };
}

function changes(state: State, change: (draft: State) => void): boolean {
  const draft = structuredClone(state);
  change(draft);
  return !isDeepStrictEqual(draft, state);
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

async function listenAs(server: Server, option: "port", port: number): Promise<number> {
  try {
    return await listen(server, HOST, port);
  } catch (error) {
    throw portError(error, option, port);
  }
}

async function startEdgeAs(port: number, table: EdgeTable, { runtime }: Cloud): Promise<Edge> {
  try {
    return await startEdge({ port, table, runtime });
  } catch (error) {
    throw portError(error, "edgePort", port);
  }
}

function warnOnStderr(message: string): void {
  process.stderr.write(`localcloud: ${message}\n`);
}

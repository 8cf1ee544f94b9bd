import type { RunnableBinding, ScriptExport } from "../runtime/types.ts";
import { zoneId } from "./ids.ts";

/** The number that the state file carries; raised, with a step in upgrade.ts, when its shape changes. */
export const STATE_FORMAT = 4;

/** Versions of a script that are kept: those that Cloudflare deploys, besides the ones that are deployed. */
export const MAX_VERSIONS = 100;

/** Deployments of a script that are kept, the newest ones. */
export const MAX_DEPLOYMENTS = 100;

interface ModuleRecord {
  name: string;
  contentType: string;
  /** Key of the contents in the blob store. */
  sha256: string;
  sizeBytes: number;
}

/** One upload of a script. */
export interface Version {
  id: string;
  /** 1 for a script's first upload. */
  number: number;
  createdOn: string;
  /** The client that uploaded it: `wrangler`, `terraform` or `api`. */
  source: string;
  mainModule: string;
  modules: ModuleRecord[];
  /** As uploaded, inherited ones resolved, with `namespace_id` filled in. Holds secrets. */
  bindings: RunnableBinding[];
  /** As uploaded: may be empty. */
  compatibilityDate: string;
  compatibilityFlags: string[];
  placement: Record<string, unknown> | null;
  limits: Record<string, unknown> | null;
  annotations: Record<string, string>;
  exports: ScriptExport[];
  startupTimeMs: number;
  etag: string;
  migrationTag: string | null;
  /** The storage of each class that the upload declared as live; not there when it declared none. */
  declaredClasses?: Record<string, string>;
  /** The classes that the upload expects of other scripts, by name; not there when it expects none. */
  expectedClasses?: Record<string, { storage: string; from: string }>;
  /** The script's namespaces and their classes once this was uploaded; not there before format 3. */
  classesThen?: string;
}

/** What serves from a moment on. */
export interface Deployment {
  id: string;
  createdOn: string;
  /** The client that made it, see {@link Version.source}. */
  source: string;
  annotations: Record<string, string>;
  /** As asked for, in that order; the percentages make 100. */
  versions: [DeployedVersion, ...DeployedVersion[]];
}

export interface DeployedVersion {
  id: string;
  percentage: number;
}

/** A script: a Worker's name, what was uploaded under it and what of that serves. */
export interface Script {
  name: string;
  /** The Worker's own id, which it keeps when it is renamed. */
  tag: string;
  createdOn: string;
  modifiedOn: string;
  lastDeployedFrom: string;
  migrationTag: string | null;
  logpush: boolean;
  tags: string[];
  tailConsumers: Record<string, unknown>[] | null;
  observability: Record<string, unknown> | null;
  subdomain: { enabled: boolean; previewsEnabled: boolean };
  /** Newest first; none when the Worker was made without code. */
  versions: Version[];
  /** Newest first: the first one serves. */
  deployments: Deployment[];
}

/** A Durable Object namespace. Its id is the key of its storage and never changes. */
export interface Namespace {
  id: string;
  script: string;
  className: string;
  useSqlite: boolean;
  /** The script that gave it away by its `exports`; not there when none did. */
  transferredFrom?: string;
}

export interface Zone {
  id: string;
  name: string;
  createdOn: string;
}

export interface Route {
  id: string;
  zoneId: string;
  pattern: string;
  /** Null: Workers are off for this pattern. */
  script: string | null;
}

export interface Domain {
  id: string;
  hostname: string;
  zoneId: string;
  zoneName: string;
  service: string;
  environment: string;
  certId: string;
}

/** A cron trigger of a script. */
export interface Schedule {
  script: string;
  cron: string;
  createdOn: string;
  modifiedOn: string;
}

export interface DnsRecord {
  id: string;
  zoneId: string;
  /** Fully qualified, without the final dot. */
  name: string;
  type: string;
  content: string;
  ttl: number;
  proxied: boolean;
  priority: number | null;
  comment: string | null;
  tags: string[];
  settings: Record<string, unknown>;
  createdOn: string;
  modifiedOn: string;
}

/** Of Workers. On the free one, Durable Objects can only be of the SQLite kind. */
export type Plan = "free" | "paid";

/** All that the account holds, apart from module contents and Durable Object storage. */
export interface State {
  format: typeof STATE_FORMAT;
  /** The account's workers.dev subdomain; empty when it has none. */
  subdomain: string;
  plan: Plan;
  /** How often each id was handed out, so that what is made again gets a different one; see ordinals.ts. */
  ordinals: Record<string, number>;
  zones: Zone[];
  /** In the order of their first uploads. */
  scripts: Script[];
  namespaces: Namespace[];
  routes: Route[];
  domains: Domain[];
  dnsRecords: DnsRecord[];
  schedules: Schedule[];
  /** Namespaces that are gone and whose storage may not be yet. */
  doomedNamespaces: string[];
}

/** The state of an account that holds nothing. */
export function emptyState(): State {
  return {
    format: STATE_FORMAT,
    subdomain: "local",
    plan: "paid",
    ordinals: {},
    zones: [],
    scripts: [],
    namespaces: [],
    routes: [],
    domains: [],
    dnsRecords: [],
    schedules: [],
    doomedNamespaces: [],
  };
}

/** The script with this name. */
export function scriptNamed(state: State, name: string | undefined): Script | undefined {
  return state.scripts.find((script) => script.name === name);
}

/** The script with this name or this tag: the newer API takes either. */
export function workerOf(state: State, nameOrId: string | undefined): Script | undefined {
  return scriptNamed(state, nameOrId) ?? state.scripts.find(({ tag }) => tag === nameOrId);
}

/** The versions that serve, with their shares of the requests, in the order of the deployment. */
export function deployedVersions(script: Script): { version: Version; percentage: number }[] {
  const shares = script.deployments[0]?.versions ?? [];
  return shares.flatMap(({ id, percentage }) => {
    const version = script.versions.find((candidate) => candidate.id === id);
    return version === undefined ? [] : [{ version, percentage }];
  });
}

/** The version that most requests get, and all Durable Objects; undefined while nothing is deployed. */
export function servingVersion(script: Script): Version | undefined {
  return deployedVersions(script).toSorted((a, b) => b.percentage - a.percentage)[0]?.version;
}

/** Adds the zones of `names` that the state does not have. */
export function addZones(state: State, names: readonly string[], now: string): void {
  const missing = names.filter((name) => !state.zones.some((zone) => zone.name === name));
  for (const name of missing) state.zones.push({ id: zoneId(name), name, createdOn: now });
}

/** Cloudflare's timestamps have microseconds. */
export function timestamp(date: Date = new Date()): string {
  return date.toISOString().replace("Z", "000Z");
}

/** The zone that `hostname` belongs to: the one with the longest name when zones are nested. */
export function zoneOfHost(state: State, hostname: string): Zone | null {
  return (
    state.zones
      .filter((zone) => isInZone(hostname, zone.name))
      .toSorted((a, b) => b.name.length - a.name.length)[0] ?? null
  );
}

/** True for the zone's own name and every name below it. */
export function isInZone(hostname: string, zoneName: string): boolean {
  return hostname === zoneName || hostname.endsWith(`.${zoneName}`);
}

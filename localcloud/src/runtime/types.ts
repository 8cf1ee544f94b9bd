/** One part of an upload. */
export interface RunnableModule {
  /** As uploaded: the name that `import` statements and error messages use. */
  name: string;
  /** As uploaded, parameters included; decides the kind of module. */
  contentType: string;
  contents: Uint8Array;
}

/** A Durable Object namespace, owned by the script whose class implements it. */
interface RunnableNamespace {
  /** Key of its storage: it stays the same when the class or the script is renamed. */
  id: string;
  className: string;
  /** False is the older key-value storage (`new_classes` in a migration). */
  useSqlite: boolean;
}

/** A binding in the API's own (snake_case) words, as uploaded. */
export interface RunnableBinding {
  type: string;
  name: string;
  [key: string]: unknown;
}

/** The entrypoint that a service binding names; null for the default one. */
export function entrypointOf({ entrypoint }: RunnableBinding): string | null {
  const isNamed = typeof entrypoint === "string" && entrypoint !== "" && entrypoint !== "default";
  return isNamed ? entrypoint : null;
}

/** Everything that is needed to run one uploaded Worker. */
export interface RunnableScript {
  name: string;
  /** Tells uploads apart, so that the same code uploaded twice starts again. Means nothing to the runtime. */
  version?: string;
  /** Name of one of `modules`. */
  mainModule: string;
  modules: RunnableModule[];
  bindings: RunnableBinding[];
  /** `YYYY-MM-DD`; empty means the oldest behaviour, as at Cloudflare. */
  compatibilityDate: string;
  compatibilityFlags: string[];
  /** Namespaces that this script implements, bound or not. */
  namespaces: RunnableNamespace[];
  /** Scripts whose `tail` handlers are told what this one does, by name. */
  tailConsumers: string[];
  /** Whether it has a `tail` handler. */
  handlesTail: boolean;
}

/** One export of a script's main module. */
export interface ScriptExport {
  name: string;
  kind: "object" | "class" | "durable-object" | "worker-entrypoint" | "workflow";
  /** Event handlers it has, such as `fetch` and `scheduled`. */
  handlers: string[];
}

/** What booting an upload alone tells. */
export interface ProbeResult {
  exports: ScriptExport[];
  /** From asking for the boot to the first answer, in milliseconds, at least 1. */
  startupTimeMs: number;
}

/**
 * The uploaded code does not boot. The message is workerd's own, with the module names of the upload:
 * `Uncaught SyntaxError: … at worker.js:1:4`.
 */
export class ScriptError extends Error {
  override readonly name: string = "ScriptError";
}

/**
 * A binding that the local cloud cannot provide: its type, or what it points to. The message names the
 * binding and says what to do.
 */
export class BindingError extends Error {
  override readonly name: string = "BindingError";
}

/**
 * Where a running script listens. Requests to it carry `headers` and the whole URL in the request line
 * (`GET http://example.com/path HTTP/1.1`), which becomes `request.url`.
 */
export interface ScriptAddress {
  host: string;
  port: number;
  headers: Record<string, string>;
  /**
   * Says that a request is under way, so that a swap waits for it (not for ever); call what it returns
   * when the request ended. Call it in the same turn in which `address()` resolved.
   */
  begin?: () => () => void;
}

/** One event that a script handled: a request, a message, an alarm. */
export interface Trace {
  /** Its name, whichever version handled the event. */
  script: string;
  /** workerd's own trace item with the script's name and version, as Tail Workers get it. */
  event: Record<string, unknown>;
}

/** A time at which a script is to be called. */
export interface ScheduledEvent {
  cron: string;
  /** Milliseconds since 1970. */
  scheduledTime: number;
}

/** What became of a scheduled event. */
export interface ScheduledResult {
  /** workerd's word, such as `ok` and `exception`; `unknown` when there is an error. */
  outcome: string;
  /** Why the handler was not called; null when it was. */
  error: string | null;
}

/** A Durable Object that has been used. */
export interface StoredObject {
  /** 64 hexadecimal digits. */
  id: string;
  hasStoredData: boolean;
}

/** Runs uploaded scripts on workerd. */
export interface Runtime {
  /**
   * Boots the script alone, without the others and without its storage.
   * @throws {ScriptError} when its code does not boot
   * @throws {BindingError} when it has a binding of a type that is not supported
   */
  probe(script: RunnableScript): Promise<ProbeResult>;
  /**
   * Starts, or starts again, `name` and every script that is connected to it by bindings. Resolves when
   * they serve. Throws when they cannot; what ran before keeps serving.
   */
  deploy(name: string, all: ReadonlyMap<string, RunnableScript>): Promise<void>;
  /** Null when no such script runs. Waits for a swap that is under way. */
  address(name: string): Promise<ScriptAddress | null>;
  /** Stops the script; its storage stays. Scripts that were connected to it start again without it. */
  remove(name: string): Promise<void>;
  /**
   * Gives what scripts do to `listener` from now on; null ends that. Scripts that were started while nobody
   * listened start again, which ends their WebSockets.
   */
  trace(listener: ((trace: Trace) => void) | null): Promise<void>;
  /** Calls the script's `scheduled` handler and waits for its end; null when no such script runs. */
  runScheduled(name: string, event: ScheduledEvent): Promise<ScheduledResult | null>;
  /** The objects of a namespace, by id. */
  listObjects(namespaceId: string): Promise<StoredObject[]>;
  /**
   * Drops a namespace's storage. Nothing happens when there is none. Throws when a running script still
   * implements it: deploy or remove that script first.
   */
  deleteNamespace(id: string): Promise<void>;
  close(): Promise<void>;
}

/** A version that serves a share of its script's requests. */
export interface ServingVersion {
  id: string;
  percentage: number;
  /** What the runtime calls it, see {@link Runtime.address}. */
  runsAs: string;
}

/** A WebSocket that a script accepted. Which object holds it, workerd tells nobody. */
export interface OpenSocket {
  script: string;
  /** As the Worker sees it. */
  url: string;
  /** ISO 8601. */
  openedAt: string;
}

/** What the edge asks at each request, so that it is always current. */
export interface EdgeTable {
  /** `script: null` is Cloudflare's "no Worker" route. */
  routes(): readonly { pattern: string; script: string | null }[];
  domains(): readonly { hostname: string; service: string }[];
  isWorkersDevEnabled(script: string, subdomain: string): boolean;
  /** What is deployed of a script, in the order of the deployment. */
  versions(script: string): readonly ServingVersion[];
}

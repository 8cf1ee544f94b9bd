import { COMPATIBILITY_DATE, COMPATIBILITY_FLAGS } from "@visitor-tracker/worker/compatibility";

export interface WorkerdConfig {
  /** The Durable Object classes of `worker.js`. */
  readonly classNames: readonly string[];
  /** The `SETTINGS` binding. */
  readonly settings: object;
  /** How far the clock is ahead of the machine's. */
  readonly offsetMs: number;
}

/**
 * The configuration of a workerd that serves `worker.js` beside it with storage in `storage/`.
 * https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp
 */
export function workerdConfig({ classNames, settings, offsetMs }: WorkerdConfig): string {
  const flags = [...COMPATIBILITY_FLAGS, "unsafe_module"].map(text).join(", ");
  const namespaces = classNames.map(
    (name) => `(className = ${text(name)}, uniqueKey = ${text(name)}, enableSql = true)`,
  );
  const bindings = classNames.map(
    (name) => `(name = ${text(bindingName(name))}, durableObjectNamespace = ${text(name)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "subject", worker = .subject),
    (name = "storage", disk = (path = "storage", writable = true)),
  ],
  sockets = [(name = "http", http = (), service = "subject")],
);
const subject :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = ${text(COMPATIBILITY_DATE)},
  compatibilityFlags = [${flags}],
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (localDisk = "storage"),
  bindings = [
    ${bindings.join(",\n    ")},
    (name = "ALLOWED_ORIGINS", json = ${text(text(["*", "none"]))}),
    (name = "SETTINGS", json = ${text(text(settings))}),
    (name = "CLOCK_OFFSET_MS", json = ${text(text(offsetMs))}),
  ],
);
`;
}

/** Every class is bound under its own name as a constant: PageCounter as PAGE_COUNTER. */
export function bindingName(className: string): string {
  return className.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toUpperCase();
}

/** A text of Cap'n Proto is escaped as one of JSON. */
function text(value: unknown): string {
  return JSON.stringify(value);
}

import { isRecord } from "../lib/unknown.ts";
import { type RunnableBinding, type RunnableScript, BindingError, entrypointOf } from "./types.ts";

/** A binding in Miniflare's words. */
export type WorkerBinding =
  | { type: "text"; value: string }
  | { type: "json"; value: JsonValue }
  | { type: "durable-object"; worker: string; exportName: string }
  | { type: "worker"; worker: string; exportName?: string; props?: Record<string, unknown> }
  | { type: "rate-limit"; namespace: string; simple: { limit: number; period: 10 | 60 } }
  | { type: "version-metadata" }
  | { type: "worker-loader" };

type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** The script that stands in for one that a binding names and that does not exist. */
export const ABSENT_SCRIPT = "localcloud:absent";
/** Its Durable Object class. */
export const ABSENT_CLASS = "Absent";

/** Binding types that a script may have, in the API's words. */
const BINDING_TYPES: readonly string[] = [
  "durable_object_namespace",
  "json",
  "plain_text",
  "ratelimit",
  "secret_text",
  "service",
  "version_metadata",
  "worker_loader",
];

/** Throws a BindingError unless all bindings are of types that the local cloud provides. */
export function checkBindingTypes(script: RunnableScript): void {
  for (const { name, type } of script.bindings) {
    if (BINDING_TYPES.includes(type)) continue;
    throw new BindingError(
      `Script '${script.name}': binding '${name}' has type '${type}', which the local cloud does not ` +
        `provide. It provides ${BINDING_TYPES.join(", ")}.`,
    );
  }
}

/**
 * What the script sees as `env`. A service or class of a script that is not among `scripts` becomes one
 * that throws when it is used, as after `wrangler delete --force` of the script it belongs to.
 * @throws {BindingError} for a type or a value that the local cloud cannot provide
 */
export function workerBindings(
  script: RunnableScript,
  scripts: ReadonlyMap<string, RunnableScript>,
): Record<string, WorkerBinding> {
  checkBindingTypes(script);
  const env: Record<string, WorkerBinding> = {};
  for (const binding of script.bindings)
    env[binding.name] = workerBinding(binding, script, scripts);
  return env;
}

function workerBinding(
  binding: RunnableBinding,
  script: RunnableScript,
  scripts: ReadonlyMap<string, RunnableScript>,
): WorkerBinding {
  switch (binding.type) {
    case "json":
      return { type: "json", value: jsonValue(binding, script) };
    case "durable_object_namespace":
      return objectBinding(binding, script, scripts);
    case "service":
      return serviceBinding(binding, script, scripts);
    case "ratelimit":
      return rateLimitBinding(binding, script);
    case "version_metadata":
      return { type: "version-metadata" };
    case "worker_loader":
      return { type: "worker-loader" };
    default:
      return { type: "text", value: requiredText(binding, "text", script) };
  }
}

function objectBinding(
  binding: RunnableBinding,
  script: RunnableScript,
  scripts: ReadonlyMap<string, RunnableScript>,
): WorkerBinding {
  const className = requiredText(binding, "class_name", script);
  const owner = binding["script_name"] ? requiredText(binding, "script_name", script) : script.name;
  const implementer = owner === script.name ? script : scripts.get(owner);
  if (implementer === undefined) {
    return { type: "durable-object", worker: ABSENT_SCRIPT, exportName: ABSENT_CLASS };
  }
  if (!implementer.namespaces.some((namespace) => namespace.className === className)) {
    throw problem(
      binding,
      script,
      `needs the Durable Object class '${className}', which script '${owner}' does not implement. ` +
        `Add it to a migration of '${owner}'.`,
    );
  }
  return { type: "durable-object", worker: owner, exportName: className };
}

function serviceBinding(
  binding: RunnableBinding,
  script: RunnableScript,
  scripts: ReadonlyMap<string, RunnableScript>,
): WorkerBinding {
  const service = requiredText(binding, "service", script);
  if (service !== script.name && !scripts.has(service)) {
    return { type: "worker", worker: ABSENT_SCRIPT };
  }
  const entrypoint = entrypointOf(binding);
  const { props } = binding;
  return {
    type: "worker",
    worker: service,
    ...(entrypoint === null ? {} : { exportName: entrypoint }),
    ...(isRecord(props) ? { props } : {}),
  };
}

function rateLimitBinding(binding: RunnableBinding, script: RunnableScript): WorkerBinding {
  const namespace = requiredText(binding, "namespace_id", script);
  const simple = binding["simple"];
  const { limit, period } =
    typeof simple === "object" && simple !== null
      ? { limit: undefined, period: undefined, ...simple }
      : {};
  if (typeof limit !== "number" || !(limit > 0) || (period !== 10 && period !== 60)) {
    throw problem(
      binding,
      script,
      `has simple: ${JSON.stringify(simple)}; use {"limit": <requests>, "period": 10 or 60 (seconds)}.`,
    );
  }
  return { type: "rate-limit", namespace, simple: { limit, period } };
}

function requiredText(binding: RunnableBinding, field: string, script: RunnableScript): string {
  const value = binding[field];
  if (typeof value === "string") return value;
  throw problem(binding, script, `has no '${field}'; give it a string.`);
}

function jsonValue(binding: RunnableBinding, script: RunnableScript): JsonValue {
  const value = binding["json"];
  if (isJson(value)) return value;
  throw problem(binding, script, "has no 'json'; give it a JSON value.");
}

function isJson(value: unknown): value is JsonValue {
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every(isJson);
}

function problem(binding: RunnableBinding, script: RunnableScript, text: string): BindingError {
  return new BindingError(
    `Script '${script.name}': binding '${binding.name}' (${binding.type}) ${text}`,
  );
}

import { createHash } from "node:crypto";
import type { Settings } from "@visitor-tracker/protocol";
import { COMPATIBILITY_DATE, COMPATIBILITY_FLAGS } from "@visitor-tracker/worker/compatibility";
import { MARK_BINDING, type UploadMark } from "./stack-mark.ts";

/** Durable Object classes in worker/src by their bindings, named as the ledger leaves them. */
export const DURABLE_OBJECT_CLASSES: { readonly [binding: string]: string } = {
  PAGE_COUNTER: "PageCounter",
  SITE_DIRECTORY: "SiteDirectory",
};

/** Seconds that the rate limit counts over: the binding takes 10 or 60. */
const RATE_LIMIT_PERIOD_S = 60;

export interface ScriptOptions {
  /** Another name makes another script, and destroys this one with its objects. */
  readonly scriptName: string;
  readonly bundle: WorkerBundle;
  /** Origins whose pages may connect, as the protocol's `parseOrigins` takes them. */
  readonly allowedOrigins: readonly string[];
  readonly settings: Settings;
  /** The engine refuses to delete or replace the script, and the API to delete it while others refer to it. */
  readonly protect: boolean;
  /** Left on the script, so that it can be told from those of others when the state is lost. @default none */
  readonly deployedBy?: UploadMark;
}

/** The bundled Worker on disk. */
export interface WorkerBundle {
  /** Relative to the program's folder: an absolute path would make a diff between two machines. */
  readonly path: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

interface ScriptBinding {
  readonly type: string;
  readonly name: string;
  readonly className?: string;
  readonly json?: string;
  readonly namespaceId?: string;
  readonly simple?: { readonly limit: number; readonly period: number };
}

/** Inputs of `WorkersScript` that depend on nothing but the stack's config and the bundle. */
export interface ScriptInputs {
  readonly scriptName: string;
  readonly mainModule: string;
  readonly contentFile: string;
  readonly contentSha256: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: string[];
  readonly bindings: ScriptBinding[];
  readonly keepBindings: string[];
  readonly observability: {
    readonly enabled: boolean;
    readonly headSamplingRate: number;
    readonly logs: {
      readonly enabled: boolean;
      readonly headSamplingRate: number;
      readonly invocationLogs: boolean;
      readonly persist: boolean;
    };
  };
  readonly force?: true;
}

/** The script's inputs, without account and migrations. */
export function scriptInputs(options: ScriptOptions): ScriptInputs {
  return {
    scriptName: options.scriptName,
    mainModule: "worker.js",
    contentFile: options.bundle.path,
    contentSha256: options.bundle.sha256,
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: [...COMPATIBILITY_FLAGS],
    bindings: bindings(options),
    // An upload replaces all bindings; without this, secrets that were put by hand would go.
    keepBindings: ["secret_text", "secret_key"],
    // Replaced as a whole too. Invocation logs hold URLs, and with them visitors' ids: not kept.
    observability: {
      enabled: true,
      headSamplingRate: 1,
      logs: { enabled: true, headSamplingRate: 1, invocationLogs: false, persist: true },
    },
    ...(options.protect ? {} : { force: true }),
  };
}

/**
 * Sorted by name: the API answers in that order and the provider merges by index. No `text` among
 * them, plain or secret: one such value makes previews hide the whole list.
 */
function bindings(options: ScriptOptions): ScriptBinding[] {
  const { scriptName, allowedOrigins, settings, deployedBy } = options;
  const unsorted: ScriptBinding[] = [
    ...(deployedBy === undefined
      ? []
      : [{ type: "json", name: MARK_BINDING, json: JSON.stringify(deployedBy) }]),
    { type: "json", name: "ALLOWED_ORIGINS", json: JSON.stringify(allowedOrigins) },
    { type: "json", name: "SETTINGS", json: JSON.stringify(settings) },
    ...Object.entries(DURABLE_OBJECT_CLASSES).map(([name, className]) => ({
      type: "durable_object_namespace",
      name,
      className,
    })),
    {
      type: "ratelimit",
      name: "RATE_LIMIT",
      namespaceId: rateLimitNamespace(scriptName),
      simple: { limit: settings.limits.upgradesPerMinute, period: RATE_LIMIT_PERIOD_S },
    },
    {
      type: "ratelimit",
      name: "READ_LIMIT",
      namespaceId: rateLimitNamespace(`${scriptName} reads`),
      simple: { limit: settings.limits.readsPerMinute, period: RATE_LIMIT_PERIOD_S },
    },
  ];
  return unsorted.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** A positive integer of the limit's own: limits of one account that share it share their counters. */
function rateLimitNamespace(name: string): string {
  const digest = createHash("sha256").update(name).digest("hex");
  return String(Number.parseInt(digest.slice(0, 7), 16) + 1);
}

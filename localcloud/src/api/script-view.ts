import type { ScriptAndVersionSettingGetResponse } from "cloudflare/resources/workers/scripts/script-and-version-settings";
import type {
  ScriptListResponse,
  ScriptUpdateResponse,
} from "cloudflare/resources/workers/scripts/scripts";
import { sortBindings } from "../deploy/inherit.ts";
import type { Reconciliation } from "../deploy/reconciliation.ts";
import type { Script, Version } from "../model/state.ts";
import type { RunnableBinding } from "../runtime/types.ts";
import { completedObservability } from "./observability-view.ts";

/** A documented response in which the fields `K` are given back as they were uploaded. */
type Echo<T, K extends keyof T> = Omit<T, K> & { [Key in K]?: unknown };

export type ScriptView = Echo<ScriptListResponse, "observability" | "placement" | "tail_consumers">;

/** The answer to an upload; wrangler prints `deployment_id`, the provider reads `bindings`. */
export type UploadView = Echo<
  ScriptUpdateResponse,
  "observability" | "placement" | "tail_consumers"
> & {
  bindings: RunnableBinding[];
  deployment_id: string;
  annotations: Record<string, string>;
};

export type SettingsView = Echo<
  ScriptAndVersionSettingGetResponse,
  "bindings" | "limits" | "observability" | "placement" | "tail_consumers"
>;

const SECRET_FIELDS: readonly string[] = ["text", "key_base64", "key_jwk"];

/** Bindings as the API shows them: sorted by name, without the values of secrets. */
export function bindingsView(version: Version): RunnableBinding[] {
  return sortBindings(version.bindings).map(({ type, name, ...fields }) => {
    const shown = Object.entries(fields).filter(
      ([field]) => !(type.startsWith("secret") && SECRET_FIELDS.includes(field)),
    );
    return { type, name, ...Object.fromEntries(shown) };
  });
}

export function handlersView(
  version: Version,
): Pick<ScriptUpdateResponse, "handlers" | "named_handlers"> {
  const main = version.exports.find((entry) => entry.name === "default");
  const named = version.exports.filter(({ name, kind }) => name !== "default" && kind !== "object");
  return {
    handlers: main?.handlers ?? [],
    named_handlers: named.map(({ name, handlers }) => ({ name, handlers })),
  };
}

/** What an upload's answer says of the classes that it declared. */
export function reconciliationView(reconciliation: Reconciliation | undefined): {
  exports_reconciliation?: Reconciliation;
} {
  return reconciliation === undefined ? {} : { exports_reconciliation: reconciliation };
}

/** A script in a list, and in `GET services/:script`, as the version that serves. */
export function scriptView(script: Script, version: Version): ScriptView {
  return {
    id: script.name,
    tag: script.tag,
    tags: script.tags,
    etag: version.etag,
    ...handlersView(version),
    created_on: script.createdOn,
    modified_on: script.modifiedOn,
    ...(script.migrationTag === null ? {} : { migration_tag: script.migrationTag }),
    has_assets: false,
    has_modules: true,
    last_deployed_from: script.lastDeployedFrom,
    logpush: script.logpush,
    tail_consumers: script.tailConsumers,
    ...observabilityOf(script),
    ...(version.placement === null ? {} : { placement: version.placement }),
    usage_model: "standard",
    compatibility_date: version.compatibilityDate,
    compatibility_flags: version.compatibilityFlags,
  };
}

function observabilityOf({ observability }: Script): { observability?: Record<string, unknown> } {
  return observability === null ? {} : { observability: completedObservability(observability) };
}

/** The answer to an upload. */
export function uploadView(script: Script, version: Version): UploadView {
  return {
    ...scriptView(script, version),
    startup_time_ms: version.startupTimeMs,
    entry_point: version.mainModule,
    bindings: bindingsView(version),
    deployment_id: version.id.replaceAll("-", ""),
    annotations: version.annotations,
  };
}

/**
 * `placement` is `{}` when unset, since the provider crashes without it; `limits` is left out and
 * `tail_consumers` is null when unset, since anything else shows as a change at each refresh
 * (pulumi-cloudflare 6.17, 2026-11).
 */
export function settingsView(script: Script, version: Version): SettingsView {
  return {
    bindings: bindingsView(version),
    annotations: version.annotations,
    compatibility_date: version.compatibilityDate,
    compatibility_flags: version.compatibilityFlags,
    logpush: script.logpush,
    placement: version.placement ?? {},
    tags: script.tags,
    tail_consumers: script.tailConsumers,
    usage_model: "standard",
    ...(version.limits === null ? {} : { limits: version.limits }),
    ...observabilityOf(script),
  };
}

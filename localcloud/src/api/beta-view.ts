import type { Version as BetaVersion } from "cloudflare/resources/workers/beta/workers/versions";
import type { Worker } from "cloudflare/resources/workers/beta/workers/workers";
import { exportsMetadata } from "../deploy/classes.ts";
import { modulesOf } from "../deploy/redeploy.ts";
import { bindingsInto } from "../deploy/runnable.ts";
import type { Cloud } from "../http/reply.ts";
import { USER_EMAIL, USER_ID } from "../model/ids.ts";
import { type Script, type State, type Version, scriptNamed } from "../model/state.ts";
import type { RunnableBinding } from "../runtime/types.ts";
import { fullObservability } from "./observability-view.ts";
import { bindingsView } from "./script-view.ts";

/** A Worker; what was sent of observability is given back, completed with what the rest is by default. */
export type WorkerView = Omit<Worker, "observability"> & {
  observability: Record<string, unknown>;
};

/** A version, bindings and settings as they were uploaded. */
export type BetaVersionView = Omit<
  BetaVersion,
  "bindings" | "exports" | "exports_reconciliation" | "limits" | "placement"
> & {
  bindings?: RunnableBinding[];
  limits?: Record<string, unknown>;
  placement?: Record<string, unknown>;
};

/** A Worker as the newer API shows it. Its id is what the older one calls the script's tag. */
export function workerView(state: State, script: Script): WorkerView {
  return {
    id: script.tag,
    name: script.name,
    created_on: script.createdOn,
    updated_on: script.modifiedOn,
    deployed_on: script.deployments[0]?.createdOn ?? null,
    logpush: script.logpush,
    observability: fullObservability(script.observability ?? {}),
    references: referencesView(state, script),
    subdomain: subdomainView(state, script),
    tags: script.tags,
    tail_consumers: (script.tailConsumers ?? []).map(({ service }) => ({ name: String(service) })),
  };
}

function subdomainView({ subdomain }: State, script: Script): Worker["subdomain"] {
  const { enabled, previewsEnabled: previews_enabled } = script.subdomain;
  const host = `${script.name}.${subdomain}.workers.dev`;
  // wrangler reads a URL.
  const urls = { url: `https://${host}`, preview_url_suffix: `-${host}` };
  const addresses = subdomain === "" ? {} : urls;
  return { enabled, previews_enabled, ...addresses };
}

function referencesView(state: State, script: Script): Worker["references"] {
  const users = bindingsInto(state, script.name).map(({ script: name, binding }) => ({
    worker: { id: scriptNamed(state, name)?.tag ?? "", name },
    binding,
  }));
  const byService = users.filter(({ binding }) => binding.type === "service");
  const byObject = users.filter(({ binding }) => binding.type !== "service");
  return {
    dispatch_namespace_outbounds: [],
    domains: state.domains
      .filter(({ service }) => service === script.name)
      .map(({ id, certId, hostname, zoneId, zoneName }) => ({
        id,
        certificate_id: certId,
        hostname,
        zone_id: zoneId,
        zone_name: zoneName,
      })),
    durable_objects: byObject.map(({ worker, binding }) => ({
      namespace_id: String(binding["namespace_id"]),
      namespace_name: `${script.name}_${String(binding["class_name"])}`,
      worker_id: worker.id,
      worker_name: worker.name,
    })),
    queues: [],
    workers: byService.map(({ worker }) => worker),
  };
}

/** A version as the newer API shows it: without what it does not have, since the provider takes `""` and `[]` for a change. */
export function betaVersionView(version: Version): BetaVersionView {
  const { compatibilityDate: compatibility_date, compatibilityFlags: compatibility_flags } =
    version;
  const bindings = bindingsView(version);
  return {
    id: version.id,
    number: version.number,
    created_on: version.createdOn,
    author_id: USER_ID,
    author_email: USER_EMAIL,
    source: version.source,
    // The edge serves no version by an address of its own.
    urls: [],
    annotations: version.annotations,
    main_module: version.mainModule,
    startup_time_ms: version.startupTimeMs,
    usage_model: "standard",
    ...exportsMetadata(version),
    ...(bindings.length === 0 ? {} : { bindings }),
    ...(compatibility_date === "" ? {} : { compatibility_date }),
    ...(compatibility_flags.length === 0 ? {} : { compatibility_flags }),
    ...(version.limits === null ? {} : { limits: version.limits }),
    ...(version.placement === null ? {} : { placement: version.placement }),
    ...(version.migrationTag === null ? {} : { migration_tag: version.migrationTag }),
  };
}

/** The same with its code. */
export function betaVersionWithModules(cloud: Cloud, version: Version): BetaVersionView {
  const modules = modulesOf(cloud, version).map(({ name, contentType, contents }) => ({
    name,
    content_type: contentType,
    content_base64: Buffer.from(contents).toString("base64"),
  }));
  return { ...betaVersionView(version), modules };
}

import { ERRORS, fail } from "../errors.ts";
import type { Cloud } from "../http/reply.ts";
import { sha256, uuid } from "../model/ids.ts";
import {
  MAX_VERSIONS,
  type Script,
  type State,
  type Version,
  nextId,
  scriptNamed,
  timestamp,
} from "../model/state.ts";
import {
  BindingError,
  type ProbeResult,
  type RunnableBinding,
  type RunnableScript,
  ScriptError,
} from "../runtime/types.ts";
import { inheritBindings } from "./inherit.ts";
import { migrate } from "./migrations.ts";
import { bindingsInto } from "./runnable.ts";
import { applyDeployment } from "./swap.ts";
import type { Upload } from "./upload.ts";

/** An upload of a script and how it was asked for. */
export interface DeployRequest {
  script: string;
  upload: Upload;
  /** The client, see `clientOf`. */
  source: string;
  /** `?bindings_inherit=strict` */
  strictInherit: boolean;
}

/**
 * Makes an upload the version that serves: probe, migrate, run, save. Until it is saved nothing has
 * happened: whatever fails, what served before keeps serving.
 * @throws {ApiError} with Cloudflare's code
 */
export async function deployScript(cloud: Cloud, request: DeployRequest): Promise<Script> {
  const { script: name, upload } = request;
  const deployed = scriptNamed(cloud.store.state, name)?.versions[0].bindings ?? [];
  const bindings = inheritBindings({
    uploaded: upload.bindings,
    keep: upload.keepBindings,
    deployed,
    strict: request.strictInherit,
  });
  const probed = await probe(cloud, name, upload, bindings);
  return cloud.deployments.run(async () => {
    const modules = upload.modules.map(({ name: module, contentType, contents }) => ({
      name: module,
      contentType,
      sha256: cloud.store.blobs.put(contents),
      sizeBytes: contents.byteLength,
    }));
    await applyDeployment(cloud, name, (draft) => {
      const migrated = migrateDraft(draft, name, upload, bindings, probed);
      saveVersion(draft, request, { modules, probed, ...migrated });
    });
    return scriptNamed(cloud.store.state, name) ?? fail(ERRORS.SCRIPT_NOT_FOUND);
  });
}

async function probe(
  cloud: Cloud,
  name: string,
  upload: Upload,
  bindings: RunnableBinding[],
): Promise<ProbeResult> {
  const { mainModule, modules, compatibilityDate, compatibilityFlags } = upload;
  const runnable: RunnableScript = {
    name,
    mainModule,
    modules,
    bindings,
    compatibilityDate,
    compatibilityFlags,
    namespaces: [],
  };
  try {
    const probed = await cloud.runtime.probe(runnable);
    if (!probed.exports.some(handlesEvents)) fail(ERRORS.NO_EVENT_HANDLERS);
    return probed;
  } catch (error) {
    if (error instanceof ScriptError || error instanceof BindingError)
      fail(ERRORS.INVALID_UPLOAD, { reason: error.message });
    throw error;
  }
}

/** A default export with handlers, or any class: Durable Objects need not extend DurableObject. */
function handlesEvents({ name, kind, handlers }: ProbeResult["exports"][number]): boolean {
  return name === "default" ? handlers.length > 0 : kind !== "object";
}

interface Migrated {
  tag: string | null;
  bindings: RunnableBinding[];
}

function migrateDraft(
  draft: State,
  name: string,
  upload: Upload,
  bindings: RunnableBinding[],
  probed: ProbeResult,
): Migrated {
  const scripts = new Set([...draft.scripts.map((script) => script.name), name]);
  for (const binding of bindings) requireService(binding, scripts);
  const { namespaces, deleted, tag, ...rest } = migrate({
    script: name,
    migrations: upload.migrations,
    exports: new Set(probed.exports.map((entry) => entry.name)),
    bindings,
    deployedBindings: [
      ...(scriptNamed(draft, name)?.versions[0].bindings ?? []),
      ...bindingsInto(draft, name).map(({ binding }) => binding),
    ],
    namespaces: draft.namespaces,
    currentTag: scriptNamed(draft, name)?.migrationTag ?? null,
    scripts,
    plan: draft.plan,
    newNamespaceId: (className) => nextId(draft, "namespace", `${name}:${className}`),
  });
  draft.namespaces = namespaces;
  draft.doomedNamespaces.push(...deleted.map(({ id }) => id));
  return { tag, bindings: rest.bindings };
}

function requireService(binding: RunnableBinding, scripts: ReadonlySet<string>): void {
  if (binding.type !== "service") return;
  const service = String(binding["service"]);
  if (!scripts.has(service)) fail(ERRORS.MISSING_SERVICE, { name: binding.name, service });
}

interface VersionParts extends Migrated {
  modules: Version["modules"];
  probed: ProbeResult;
}

function saveVersion(draft: State, request: DeployRequest, parts: VersionParts): void {
  const { script: name, upload, source } = request;
  const previous = scriptNamed(draft, name);
  const tag = previous?.tag ?? nextId(draft, "script", name);
  const number = (previous?.versions[0].number ?? 0) + 1;
  const version = newVersion(request, parts, { id: uuid("version", tag, number), number });
  const script: Script = {
    name,
    tag,
    createdOn: previous?.createdOn ?? version.createdOn,
    modifiedOn: version.createdOn,
    lastDeployedFrom: source,
    migrationTag: parts.tag,
    logpush: upload.logpush,
    tags: upload.tags,
    tailConsumers: upload.tailConsumers,
    observability: upload.observability,
    subdomain: previous?.subdomain ?? { enabled: false, previewsEnabled: false },
    versions: [version, ...(previous?.versions ?? []).slice(0, MAX_VERSIONS - 1)],
  };
  if (previous === undefined) draft.scripts.push(script);
  else draft.scripts[draft.scripts.indexOf(previous)] = script;
}

function newVersion(
  { upload, source }: DeployRequest,
  { modules, probed, bindings, tag }: VersionParts,
  { id, number }: Pick<Version, "id" | "number">,
): Version {
  return {
    id,
    number,
    createdOn: timestamp(),
    source,
    mainModule: upload.mainModule,
    modules,
    bindings,
    compatibilityDate: upload.compatibilityDate,
    compatibilityFlags: upload.compatibilityFlags,
    placement: upload.placement,
    limits: upload.limits,
    annotations: { "workers/triggered_by": "upload", ...upload.annotations },
    exports: probed.exports,
    startupTimeMs: probed.startupTimeMs,
    etag: sha256(JSON.stringify(modules.map((module) => [module.name, module.sha256]))),
    migrationTag: tag,
  };
}

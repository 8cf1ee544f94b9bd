import { ERRORS, fail } from "../errors.ts";
import type { Cloud } from "../http/reply.ts";
import { sha256 } from "../model/ids.ts";
import { nextId } from "../model/ordinals.ts";
import {
  type Script,
  type State,
  type Version,
  deployedVersions,
  scriptNamed,
  servingVersion,
} from "../model/state.ts";
import {
  BindingError,
  type ProbeResult,
  type RunnableBinding,
  type RunnableScript,
  ScriptError,
} from "../runtime/types.ts";
import { requireBindingLimits } from "./binding-limits.ts";
import { applyClasses, checkClasses, classesOf, liveClasses } from "./classes.ts";
import { addDeployment, addVersion, ensureScript } from "./history.ts";
import { inheritBindings } from "./inherit.ts";
import { migrate } from "./migrations.ts";
import type { Reconciliation } from "./reconciliation.ts";
import { bindingsInto } from "./runnable.ts";
import { requireServices, requireTailConsumers } from "./services.ts";
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
  /** What made the version, as `workers/triggered_by` says it. */
  triggeredBy: "upload" | "version_upload" | "secret";
}

/**
 * Makes an upload the version that serves: probe, migrate, run, save. Until it is saved nothing has
 * happened: whatever fails, what served before keeps serving.
 * @throws {ApiError} with Cloudflare's code
 */
export async function deployScript(cloud: Cloud, request: DeployRequest): Promise<Saved> {
  const { script: name, upload, source } = request;
  const prepared = await prepare(cloud, request);
  return cloud.deployments.run(async () => {
    const modules = storeModules(cloud, upload);
    let reconciliation: Reconciliation | undefined;
    await applyDeployment(cloud, name, (draft) => {
      // A changed secret says nothing of them.
      if (request.triggeredBy !== "secret") requireTailConsumers(draft, name, upload.tailConsumers);
      const script = ensureScript(draft, name);
      reconciliation = applyClasses(draft, script, request, prepared);
      const { id } = saveVersion(draft, script, request, { ...prepared, modules });
      const annotations = { "workers/triggered_by": request.triggeredBy, ...messageOf(upload) };
      addDeployment(draft, script, { source, annotations, versions: [{ id, percentage: 100 }] });
      script.logpush = upload.logpush;
      script.tags = upload.tags ?? script.tags;
      script.tailConsumers = upload.tailConsumers;
      script.observability = upload.observability;
    });
    const script = scriptNamed(cloud.store.state, name) ?? fail(ERRORS.SCRIPT_NOT_FOUND);
    const version = servingVersion(script) ?? fail(ERRORS.SCRIPT_NOT_FOUND);
    return { script, version, reconciliation };
  });
}

/** A script, and the version that an upload made of it. */
export interface Saved {
  script: Script;
  version: Version;
  /** What became of the classes that the upload declared. */
  reconciliation: Reconciliation | undefined;
}

/**
 * Keeps an upload as a version that does not serve. It cannot bring migrations: those change what the
 * version that serves depends on.
 * @throws {ApiError} 10007 when there is no script, 10211 for migrations, and as `deployScript`
 */
export async function uploadVersion(cloud: Cloud, request: DeployRequest): Promise<Saved> {
  const { script: name, upload } = request;
  if (scriptNamed(cloud.store.state, name) === undefined) fail(ERRORS.SCRIPT_NOT_FOUND);
  if (upload.migrations !== null) fail(ERRORS.MIGRATION_IN_VERSION);
  const prepared = await prepare(cloud, request);
  return cloud.deployments.run(async () => {
    const modules = storeModules(cloud, upload);
    return cloud.store.update((draft) => {
      const script = scriptNamed(draft, name) ?? fail(ERRORS.SCRIPT_NOT_FOUND);
      const reconciliation = checkClasses(draft, script, request, prepared);
      const version = saveVersion(draft, script, request, { ...prepared, modules });
      return { script, version, reconciliation };
    });
  });
}

/** An upload that was booted, and its bindings, inherited ones among them. */
export interface Prepared {
  bindings: RunnableBinding[];
  probed: ProbeResult;
}

async function prepare(cloud: Cloud, request: DeployRequest): Promise<Prepared> {
  const { script: name, upload, strictInherit } = request;
  const versions = scriptNamed(cloud.store.state, name)?.versions ?? [];
  const bindings = inheritBindings({
    uploaded: upload.bindings,
    keep: upload.keepBindings,
    previous: versions[0]?.bindings ?? [],
    bindingsOf: (id) => versions.find((version) => version.id === id)?.bindings,
    strict: strictInherit,
  });
  requireBindingLimits(bindings, cloud.store.state.plan);
  return { bindings, probed: await probe(cloud, name, upload, bindings) };
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
    tailConsumers: [],
    handlesTail: false,
  };
  try {
    const probed = await cloud.runtime.probe(runnable);
    if (!probed.exports.some(handlesEvents)) fail(ERRORS.NO_EVENT_HANDLERS);
    return probed;
  } catch (error) {
    if (error instanceof ScriptError) fail(ERRORS.INVALID_UPLOAD, { reason: error.message });
    if (error instanceof BindingError) fail(ERRORS.UNSUPPORTED_BINDING, { reason: error.message });
    throw error;
  }
}

/** A default export with handlers, or any class: Durable Objects need not extend DurableObject. */
function handlesEvents({ name, kind, handlers }: ProbeResult["exports"][number]): boolean {
  return name === "default" ? handlers.length > 0 : kind !== "object";
}

function storeModules({ store }: Cloud, upload: Upload): Version["modules"] {
  return upload.modules.map(({ name, contentType, contents }) => ({
    name,
    contentType,
    sha256: store.blobs.put(contents),
    sizeBytes: contents.byteLength,
  }));
}

function saveVersion(
  draft: State,
  script: Script,
  request: DeployRequest,
  { bindings, probed, modules }: Prepared & Pick<Version, "modules">,
): Version {
  const { upload, source, triggeredBy } = request;
  const migrated = migrateDraft(draft, script, upload, { bindings, probed });
  script.migrationTag = migrated.tag;
  return addVersion(draft, script, {
    source,
    mainModule: upload.mainModule,
    modules,
    bindings: migrated.bindings,
    compatibilityDate: upload.compatibilityDate,
    compatibilityFlags: upload.compatibilityFlags,
    placement: upload.placement,
    limits: upload.limits,
    annotations: { "workers/triggered_by": triggeredBy, ...upload.annotations },
    exports: probed.exports,
    startupTimeMs: probed.startupTimeMs,
    etag: sha256(JSON.stringify(modules.map((module) => [module.name, module.sha256]))),
    migrationTag: migrated.tag,
    ...(upload.classes === null ? {} : liveClasses(upload.classes)),
    classesThen: classesOf(draft, script.name),
  });
}

function migrateDraft(
  draft: State,
  script: Script,
  upload: Upload,
  { bindings, probed }: Prepared,
): { tag: string | null; bindings: RunnableBinding[] } {
  const { name } = script;
  requireServices(draft, bindings, { script: name, exports: probed.exports });
  const { namespaces, deleted, tag, ...rest } = migrate({
    script: name,
    migrations: upload.migrations,
    exports: new Set(probed.exports.map((entry) => entry.name)),
    bindings,
    deployedBindings: [
      ...deployedVersions(script).flatMap(({ version }) => version.bindings),
      ...bindingsInto(draft, name).map(({ binding }) => binding),
    ],
    namespaces: draft.namespaces,
    currentTag: script.migrationTag,
    scripts: new Set(draft.scripts.map((other) => other.name)),
    plan: draft.plan,
    newNamespaceId: (className) => nextId(draft, "namespace", `${name}:${className}`),
  });
  draft.namespaces = namespaces;
  draft.doomedNamespaces.push(...deleted.map(({ id }) => id));
  return { tag, bindings: rest.bindings };
}

function messageOf({ annotations }: Upload): Record<string, string> {
  const message = annotations["workers/message"];
  return message === undefined ? {} : { "workers/message": message };
}

import { ERRORS, fail } from "../errors.ts";
import type { Cloud } from "../http/reply.ts";
import { type Script, type Version, scriptNamed } from "../model/state.ts";
import type { RunnableModule } from "../runtime/types.ts";
import { exportsMetadata } from "./classes.ts";
import { type DeployRequest, type Saved, deployScript, uploadVersion } from "./pipeline.ts";
import { readUpload } from "./upload.ts";

/** A change of what was uploaded before, without new code. */
export interface RedeployRequest extends Pick<DeployRequest, "script" | "source" | "triggeredBy"> {
  /** Fields of an upload's metadata that take the place of those that the version has. */
  metadata: Record<string, unknown>;
  /** The version to take code and everything else from. @default the newest one */
  version?: Version;
}

/**
 * Makes a version of another one's code with other settings, and deploys it: what a changed secret or
 * setting does at Cloudflare.
 * @throws {ApiError} 10007 when there is no code, and as `deployScript`
 */
export async function redeploy(cloud: Cloud, request: RedeployRequest): Promise<Saved> {
  return deployScript(cloud, changedUpload(cloud, request));
}

/**
 * The same without deploying it.
 * @throws {ApiError} 10007 when there is no code, and as `uploadVersion`
 */
export async function reupload(cloud: Cloud, request: RedeployRequest): Promise<Saved> {
  return uploadVersion(cloud, changedUpload(cloud, request));
}

function changedUpload(
  cloud: Cloud,
  { script: name, source, triggeredBy, metadata, version: base }: RedeployRequest,
): DeployRequest {
  const script = scriptNamed(cloud.store.state, name) ?? fail(ERRORS.SCRIPT_NOT_FOUND);
  const version = base ?? script.versions[0] ?? fail(ERRORS.SCRIPT_NOT_FOUND);
  const upload = readUpload(
    { ...metadataOf(script, version), ...metadata },
    modulesOf(cloud, version),
  );
  return { script: name, upload, source, triggeredBy, strictInherit: true };
}

/** The modules of a version as they were uploaded. */
export function modulesOf({ store }: Cloud, version: Version): RunnableModule[] {
  return version.modules.map(({ name, contentType, sha256 }) => ({
    name,
    contentType,
    contents: store.blobs.get(sha256),
  }));
}

/** What an upload's metadata would have to say to get this version of this script again. */
function metadataOf(script: Script, version: Version): Record<string, unknown> {
  return {
    main_module: version.mainModule,
    bindings: version.bindings,
    compatibility_date: version.compatibilityDate,
    compatibility_flags: version.compatibilityFlags,
    placement: version.placement,
    limits: version.limits,
    ...exportsMetadata(version),
    ...settingsOf(script),
  };
}

/** What belongs to the script and not to a version, as an upload's metadata says it. */
export function settingsOf({
  logpush,
  tailConsumers,
  observability,
}: Script): Record<string, unknown> {
  return { logpush, tail_consumers: tailConsumers, observability };
}

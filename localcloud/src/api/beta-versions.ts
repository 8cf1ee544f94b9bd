import { deployScript, uploadVersion } from "../deploy/pipeline.ts";
import { reupload, settingsOf } from "../deploy/redeploy.ts";
import { readUpload } from "../deploy/upload.ts";
import { removeVersion } from "../deploy/workers.ts";
import { ERRORS, fail } from "../errors.ts";
import { parseJson } from "../http/json.ts";
import { type ApiRequest, type Handler, clientOf, ok, page } from "../http/reply.ts";
import { isRecord } from "../lib/unknown.ts";
import type { Version } from "../model/state.ts";
import type { RunnableBinding, RunnableModule } from "../runtime/types.ts";
import { type BetaVersionView, betaVersionView, betaVersionWithModules } from "./beta-view.ts";
import { requestedWorker } from "./beta-workers.ts";
import { reconciliationView } from "./script-view.ts";

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/subresources/versions/methods/list/ */
export const listBetaVersions: Handler<BetaVersionView[]> = (request) => {
  const { result, resultInfo } = page(requestedWorker(request).versions, request.query);
  return { result: result.map(betaVersionView), resultInfo };
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/subresources/versions/methods/get/ */
export const getBetaVersion: Handler<BetaVersionView> = (request) => {
  const version = requestedVersion(request);
  return ok(
    request.query.get("include") === "modules"
      ? betaVersionWithModules(request.cloud, version)
      : betaVersionView(version),
  );
};

/**
 * With `?deploy=true` the version serves at once, and only then it may bring migrations.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/subresources/versions/methods/create/
 */
export const postBetaVersion: Handler<BetaVersionView> = async (request) => {
  const { cloud, query, headers } = request;
  const worker = requestedWorker(request);
  const body = parseJson(request.body.toString("utf8"));
  if (!isRecord(body)) return invalid("The body must be a JSON object.");
  const { modules, tags: _, ...metadata } = body;
  const upload = readUpload({ ...metadata, ...settingsOf(worker) }, readModules(modules));
  const deploys = query.get("deploy") === "true";
  const saved = await (deploys ? deployScript : uploadVersion)(cloud, {
    script: worker.name,
    upload,
    source: clientOf(headers),
    strictInherit: true,
    triggeredBy: deploys ? "upload" : "version_upload",
  });
  return ok({
    ...betaVersionWithModules(cloud, saved.version),
    ...reconciliationView(saved.reconciliation),
  });
};

/**
 * What `wrangler versions secret` sends; not documented. A JSON merge patch of the newest version, deployed or
 * not, whose bindings are in `env` by name. It makes a version and deploys nothing.
 */
export const patchLatestVersion: Handler<BetaVersionView> = async (request) => {
  const { cloud, headers } = request;
  const worker = requestedWorker(request);
  const latest = worker.versions[0] ?? fail(ERRORS.NO_VERSIONS);
  const body = parseJson(request.body.toString("utf8"));
  if (!isRecord(body)) return invalid("The body must be a JSON object.");
  const { env = {}, ...metadata } = body;
  if (!isRecord(env)) return invalid("env must be an object.");
  const { version } = await reupload(cloud, {
    script: worker.name,
    source: clientOf(headers),
    triggeredBy: "version_upload",
    metadata: { ...metadata, bindings: patchBindings(latest.bindings, env) },
    version: latest,
  });
  return ok(betaVersionView(version));
};

function patchBindings(
  bindings: readonly RunnableBinding[],
  env: Record<string, unknown>,
): Record<string, unknown>[] {
  const changed = Object.entries(env).flatMap(([name, binding]) => {
    if (binding === null) return [];
    return isRecord(binding) ? [{ ...binding, name }] : invalid(`env.${name} must be an object.`);
  });
  return [...bindings.filter(({ name }) => env[name] === undefined), ...changed];
}

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/subresources/versions/methods/delete/ */
export const deleteBetaVersion: Handler<null> = async (request) => {
  await removeVersion(
    request.cloud,
    requestedWorker(request).name,
    request.params["version"] ?? "",
  );
  return ok(null);
};

function requestedVersion(request: ApiRequest): Version {
  const id = request.params["version"] ?? "";
  const version = requestedWorker(request).versions.find((candidate) => candidate.id === id);
  return version ?? fail(ERRORS.BETA_VERSION_NOT_FOUND, { id });
}

function readModules(value: unknown): RunnableModule[] {
  if (!Array.isArray(value)) return invalid("modules must be a list.");
  return value.map((module: unknown, index) => {
    const field = (name: string): string => {
      const text = isRecord(module) ? module[name] : undefined;
      return typeof text === "string"
        ? text
        : invalid(`modules[${index}].${name} must be a string.`);
    };
    return {
      name: field("name"),
      contentType: field("content_type"),
      contents: Buffer.from(field("content_base64"), "base64"),
    };
  });
}

function invalid(reason: string): never {
  return fail(ERRORS.INVALID_UPLOAD, { reason });
}

import { randomBytes } from "node:crypto";
import { deployScript } from "../deploy/pipeline.ts";
import { removeScript } from "../deploy/remove.ts";
import { parseUpload } from "../deploy/upload.ts";
import { ERRORS, fail } from "../errors.ts";
import { type ApiRequest, type Handler, type Reply, clientOf, ok } from "../http/reply.ts";
import {
  type Script,
  type State,
  type Version,
  scriptNamed,
  servingVersion,
} from "../model/state.ts";
import {
  type ScriptView,
  type UploadView,
  reconciliationView,
  scriptView,
  uploadView,
} from "./script-view.ts";

/**
 * The script with this name.
 * @throws {ApiError} 10007 when there is none
 */
export function findScript(state: State, name: string | undefined): Script {
  return scriptNamed(state, name) ?? fail(ERRORS.SCRIPT_NOT_FOUND);
}

/** @throws {ApiError} 10016 when Cloudflare would not take the name */
export function checkScriptName(name: string): void {
  if (!/^[a-z0-9_][a-z0-9_-]{0,62}$/.test(name)) fail(ERRORS.INVALID_SCRIPT_NAME, { name });
}

/** A script and the version of it that serves. */
interface Served {
  script: Script;
  version: Version;
}

/**
 * What serves under this name.
 * @throws {ApiError} 10007 when nothing does: the Worker was made without code, or none of it is deployed
 */
export function findServed(state: State, name: string | undefined): Served {
  const script = findScript(state, name);
  return { script, version: servingVersion(script) ?? fail(ERRORS.SCRIPT_NOT_FOUND) };
}

function requested({ cloud, params }: ApiRequest): Served {
  return findServed(cloud.store.state, params["script"]);
}

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/list/ */
export const listScripts: Handler<ScriptView[]> = ({ cloud }) =>
  ok(
    cloud.store.state.scripts.flatMap((script) => {
      const version = servingVersion(script);
      return version === undefined ? [] : [scriptView(script, version)];
    }),
  );

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/update/ */
export const putScript: Handler<UploadView> = async ({ cloud, params, query, headers, body }) => {
  const name = params["script"] ?? "";
  checkScriptName(name);
  const upload = await parseUpload(headers["content-type"] ?? "", body);
  const { script, version, reconciliation } = await deployScript(cloud, {
    script: name,
    upload,
    source: clientOf(headers),
    strictInherit: query.get("bindings_inherit") === "strict",
    triggeredBy: "upload",
  });
  return ok({ ...uploadView(script, version), ...reconciliationView(reconciliation) });
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/delete/ */
export const deleteScript: Handler<null> = async ({ cloud, params, query }) => {
  await removeScript(cloud, params["script"] ?? "", { force: query.get("force") === "true" });
  return ok(null);
};

/**
 * The modules as they were uploaded, the main one first: the provider hashes the first part alone.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/content/methods/get/
 */
export const getContent: Handler<never> = (request): Reply<never> => {
  const { version } = requested(request);
  const boundary = `localcloud-${randomBytes(16).toString("hex")}`;
  const isMain = (module: { name: string }): boolean => module.name === version.mainModule;
  const modules = version.modules.toSorted((a, b) => Number(isMain(b)) - Number(isMain(a)));
  const chunks = modules.flatMap(({ name, contentType, sha256 }) => [
    Buffer.from(partHeader(boundary, name, contentType)),
    request.cloud.store.blobs.get(sha256),
    Buffer.from("\r\n"),
  ]);
  return {
    bytes: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
    headers: {
      "content-type": `multipart/form-data; boundary=${boundary}`,
      "cf-entrypoint": encodeURIComponent(version.mainModule),
      etag: version.etag,
    },
  };
};

function partHeader(boundary: string, name: string, contentType: string): string {
  const quoted = `"${name.replaceAll(/["\\]/g, "\\$&").replaceAll(/[\r\n]/g, " ")}"`;
  return [
    `--${boundary}`,
    `Content-Disposition: form-data; name=${quoted}; filename=${quoted}`,
    `Content-Type: ${contentType}`,
    "\r\n",
  ].join("\r\n");
}

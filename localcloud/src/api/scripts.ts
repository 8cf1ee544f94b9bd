import { randomBytes } from "node:crypto";
import { deployScript } from "../deploy/pipeline.ts";
import { removeScript } from "../deploy/remove.ts";
import { parseUpload } from "../deploy/upload.ts";
import { ERRORS, fail } from "../errors.ts";
import { type ApiRequest, type Handler, type Reply, clientOf, ok } from "../http/reply.ts";
import { type Script, type State, scriptNamed } from "../model/state.ts";
import {
  type ScriptView,
  type SettingsView,
  type UploadView,
  scriptView,
  settingsView,
  uploadView,
} from "./script-view.ts";

/**
 * The script with this name.
 * @throws {ApiError} 10007 when there is none
 */
export function findScript(state: State, name: string | undefined): Script {
  return scriptNamed(state, name) ?? fail(ERRORS.SCRIPT_NOT_FOUND);
}

function requested({ cloud, params }: ApiRequest): Script {
  return findScript(cloud.store.state, params["script"]);
}

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/list/ */
export const listScripts: Handler<ScriptView[]> = ({ cloud }) =>
  ok(cloud.store.state.scripts.map(scriptView));

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/update/ */
export const putScript: Handler<UploadView> = async ({ cloud, params, query, headers, body }) => {
  const name = params["script"] ?? "";
  if (!/^[a-z0-9_][a-z0-9_-]{0,62}$/.test(name)) fail(ERRORS.INVALID_SCRIPT_NAME, { name });
  const upload = await parseUpload(headers["content-type"] ?? "", body);
  const script = await deployScript(cloud, {
    script: name,
    upload,
    source: clientOf(headers),
    strictInherit: query.get("bindings_inherit") === "strict",
  });
  return ok(uploadView(script));
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/delete/ */
export const deleteScript: Handler<null> = async ({ cloud, params, query }) => {
  await removeScript(cloud, params["script"] ?? "", { force: query.get("force") === "true" });
  return ok(null);
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/script_and_version_settings/methods/get/ */
export const getSettings: Handler<SettingsView> = (request) => ok(settingsView(requested(request)));

/** What the provider's refresh starts with; not documented. Only a 404 means "gone" to it. */
export const getService: Handler = ({ cloud, params }) => {
  const script = scriptNamed(cloud.store.state, params["script"]) ?? fail(ERRORS.SERVICE_NOT_FOUND);
  const { createdOn: created_on, modifiedOn: modified_on } = script;
  const environment = {
    environment: "production",
    created_on,
    modified_on,
    script: scriptView(script),
  };
  return ok({
    id: script.name,
    created_on,
    modified_on,
    usage_model: "standard",
    environments: [environment],
    default_environment: environment,
  });
};

/**
 * The modules as they were uploaded, the main one first: the provider hashes the first part alone.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/content/methods/get/
 */
export const getContent: Handler<never> = (request): Reply<never> => {
  const [version] = requested(request).versions;
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

import { uploadVersion } from "../deploy/pipeline.ts";
import { parseUpload } from "../deploy/upload.ts";
import { ERRORS, fail } from "../errors.ts";
import { type Handler, clientOf, ok, page } from "../http/reply.ts";
import { MAX_VERSIONS, type Script, type Version } from "../model/state.ts";
import { reconciliationView } from "./script-view.ts";
import { findScript } from "./scripts.ts";
import {
  type VersionSummary,
  type VersionView,
  versionSummary,
  versionView,
} from "./version-view.ts";

/**
 * Newest first. `?deployable=true` is one page; the ones after it are empty all the same, as clients read on
 * until one is.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/versions/methods/list/
 */
export const listVersions: Handler<{ items: VersionSummary[] }> = ({ cloud, params, query }) => {
  const { versions } = findScript(cloud.store.state, params["script"]);
  const { result, resultInfo } =
    query.get("deployable") === "true"
      ? page(versions.slice(0, MAX_VERSIONS), onePage(query))
      : page(versions, query);
  return { result: { items: result.map(versionSummary) }, resultInfo };
};

function onePage(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams({ page: query.get("page") ?? "1", per_page: String(MAX_VERSIONS) });
}

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/versions/methods/get/ */
export const getVersion: Handler<VersionView> = ({ cloud, params }) =>
  ok(versionView(findVersion(findScript(cloud.store.state, params["script"]), params["version"])));

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/versions/methods/create/ */
export const postVersion: Handler<VersionView> = async (request) => {
  const { cloud, params, query, headers, body } = request;
  const { name } = findScript(cloud.store.state, params["script"]);
  const { version, reconciliation } = await uploadVersion(cloud, {
    script: name,
    upload: await parseUpload(headers["content-type"] ?? "", body),
    source: clientOf(headers),
    strictInherit: query.get("bindings_inherit") === "strict",
    triggeredBy: "version_upload",
  });
  return ok({ ...versionView(version), ...reconciliationView(reconciliation) });
};

function findVersion({ versions }: Script, id = ""): Version {
  return versions.find((version) => version.id === id) ?? fail(ERRORS.VERSION_NOT_FOUND, { id });
}

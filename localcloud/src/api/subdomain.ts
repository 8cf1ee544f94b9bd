import type {
  SubdomainCreateResponse,
  SubdomainDeleteResponse,
  SubdomainGetResponse,
} from "cloudflare/resources/workers/scripts/subdomain";
import { ERRORS, fail } from "../errors.ts";
import { fieldsOf, parseJson } from "../http/json.ts";
import { type ApiRequest, type Handler, ok } from "../http/reply.ts";
import { findScript } from "./scripts.ts";

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/subdomain/methods/get/ */
export const getSubdomain: Handler<SubdomainGetResponse> = ({ cloud, params }) => {
  const { enabled, previewsEnabled } = findScript(cloud.store.state, params["script"]).subdomain;
  return ok({ enabled, previews_enabled: previewsEnabled });
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/subdomain/methods/create/ */
export const postSubdomain: Handler<SubdomainCreateResponse> = (request) => {
  const fields = fieldsOf(parseJson(request.body.toString("utf8")));
  return setSubdomain(request, fields.flag("enabled"), fields.optionalFlag("previews_enabled"));
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/subdomain/methods/delete/ */
export const deleteSubdomain: Handler<SubdomainDeleteResponse> = (request) =>
  setSubdomain(request, false, false);

/** Previews follow `enabled` until somebody says otherwise. */
function setSubdomain(
  { cloud, params }: ApiRequest,
  enabled: boolean,
  previewsEnabled: boolean | null,
): { result: SubdomainCreateResponse } {
  return cloud.store.update((draft) => {
    if (enabled && draft.subdomain === "") fail(ERRORS.SUBDOMAIN_NEEDED);
    const script = findScript(draft, params["script"]);
    script.subdomain = { enabled, previewsEnabled: previewsEnabled ?? enabled };
    return { result: { enabled, previews_enabled: script.subdomain.previewsEnabled } };
  });
}

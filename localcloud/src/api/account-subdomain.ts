import type {
  SubdomainGetResponse,
  SubdomainUpdateResponse,
} from "cloudflare/resources/workers/subdomains";
import { ERRORS, fail } from "../errors.ts";
import { fieldsOf, parseJson } from "../http/json.ts";
import { type Handler, ok } from "../http/reply.ts";

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/subdomains/methods/get/ */
export const getAccountSubdomain: Handler<SubdomainGetResponse> = ({ cloud }) => {
  const { subdomain } = cloud.store.state;
  return ok({ subdomain: subdomain === "" ? fail(ERRORS.SUBDOMAIN_MISSING) : subdomain });
};

/**
 * Registers the account's subdomain. It must be deleted before it can be another one.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/subdomains/methods/update/
 */
export const putAccountSubdomain: Handler<SubdomainUpdateResponse> = ({ cloud, body }) => {
  const subdomain = fieldsOf(parseJson(body.toString("utf8"))).text("subdomain");
  if (!isSubdomain(subdomain)) fail(ERRORS.SUBDOMAIN_UNAVAILABLE, { subdomain });
  return cloud.store.update((draft) => {
    if (draft.subdomain !== "") fail(ERRORS.SUBDOMAIN_EXISTS, { subdomain: draft.subdomain });
    draft.subdomain = subdomain;
    return ok({ subdomain });
  });
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/subdomains/methods/delete/ */
export const deleteAccountSubdomain: Handler<null> = ({ cloud }) =>
  cloud.store.update((draft) => {
    if (draft.subdomain === "") fail(ERRORS.SUBDOMAIN_MISSING);
    draft.subdomain = "";
    return ok(null);
  });

/** wrangler asks it whether a subdomain is free, and takes the failure 10032 for a yes; not documented. */
export const checkSubdomain: Handler<SubdomainGetResponse> = ({ cloud, params }) => {
  const { subdomain = "" } = params;
  if (!isSubdomain(subdomain)) fail(ERRORS.SUBDOMAIN_UNAVAILABLE, { subdomain });
  if (subdomain !== cloud.store.state.subdomain) fail(ERRORS.SUBDOMAIN_FREE, { subdomain });
  return ok({ subdomain });
};

function isSubdomain(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}

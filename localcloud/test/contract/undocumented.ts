/** Endpoints that Cloudflare documents nowhere, and who uses them: running those is all that checks them. */
export const UNDOCUMENTED: Readonly<Record<string, string>> = {
  "GET /accounts/:account/workers/services/:script": "the provider and wrangler use it",
  "GET /accounts/:account/workers/services/:script/environments/:environment":
    "wrangler init uses it",
  "GET /accounts/:account/workers/services/:script/environments/:environment/bindings":
    "wrangler init uses it",
  "GET /accounts/:account/workers/services/:script/environments/:environment/routes":
    "wrangler init uses it",
  "GET /accounts/:account/workers/services/:script/environments/:environment/subdomain":
    "wrangler init uses it",
  "PUT /accounts/:account/workers/scripts/:script/routes": "wrangler deploy uses it",
  "POST /accounts/:account/workers/scripts/:script/domains/changeset": "wrangler deploy uses it",
  "PUT /accounts/:account/workers/scripts/:script/domains/records": "wrangler deploy uses it",
  "GET /accounts/:account/workers/domains/records": "wrangler init uses it",
  "GET /accounts/:account/workers/domains/records/:id": "wrangler deploy uses it",
  "GET /accounts/:account/workers/scripts/:script/references": "wrangler delete uses it",
  "GET /accounts/:account/workers/tails/by-consumer/:script": "wrangler delete uses it",
  "GET /accounts/:account/containers/applications": "wrangler delete uses it",
  "DELETE /accounts/:account/workers/services/:script": "wrangler delete uses it",
  "PATCH /accounts/:account/workers/workers/:worker/versions/latest":
    "wrangler versions secret uses it",
  "GET /accounts/:account/workers/subdomains/:subdomain": "wrangler deploy uses it",
};

/** Documented endpoints whose success has no JSON result that has a type, and what it is. */
export const WITHOUT_SCHEMA: Readonly<Record<string, string>> = {
  "GET /accounts/:account/workers/scripts/:script": "answers with the modules, not with JSON",
  "GET /accounts/:account/workers/scripts/:script/content/v2":
    "answers with the modules, not with JSON",
  "GET /accounts/:account/workers/services/:script/environments/:environment/content/v2":
    "answers with the modules, not with JSON; not documented, wrangler init uses it",
  "DELETE /accounts/:account/workers/scripts/:script": "with a result of any kind",
  "DELETE /accounts/:account/workers/scripts/:script/deployments/:deployment": "without a result",
  "DELETE /accounts/:account/workers/workers/:worker": "without a result",
  "DELETE /accounts/:account/workers/workers/:worker/versions/:version": "without a result",
  "DELETE /accounts/:account/workers/domains/:id": "without a result",
  "DELETE /accounts/:account/workers/scripts/:script/tails/:id": "without a result",
  "DELETE /accounts/:account/workers/scripts/:script/secrets/:secret": "with a result of any kind",
  "DELETE /accounts/:account/workers/subdomain": "as an empty answer",
  "GET /accounts/:account/storage/kv/namespaces": "always an empty list here",
};

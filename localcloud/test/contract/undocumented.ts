/** Endpoints whose success has no JSON result that Cloudflare documents, and why. */
export const UNDOCUMENTED: Readonly<Record<string, string>> = {
  "GET /accounts/:account/workers/services/:script":
    "the provider and wrangler use it; no schema anywhere",
  "GET /accounts/:account/workers/scripts/:script": "answers with the modules, not with JSON",
  "GET /accounts/:account/workers/scripts/:script/content/v2":
    "answers with the modules, not with JSON",
  "DELETE /accounts/:account/workers/scripts/:script": "documented as 'unknown'",
  "DELETE /accounts/:account/workers/scripts/:script/deployments/:deployment":
    "documented as an envelope without a result",
  "DELETE /accounts/:account/workers/workers/:worker": "documented as an envelope without a result",
  "DELETE /accounts/:account/workers/workers/:worker/versions/:version":
    "documented as an envelope without a result",
  "DELETE /accounts/:account/workers/domains/:id": "documented as an envelope without a result",
  "DELETE /accounts/:account/workers/scripts/:script/tails/:id":
    "documented as an envelope without a result",
  "DELETE /accounts/:account/workers/scripts/:script/secrets/:secret": "documented as 'unknown'",
  "DELETE /accounts/:account/workers/subdomain": "documented as an empty answer",
  "PUT /accounts/:account/workers/scripts/:script/routes": "wrangler deploy uses it",
  "POST /accounts/:account/workers/scripts/:script/domains/changeset": "wrangler deploy uses it",
  "PUT /accounts/:account/workers/scripts/:script/domains/records": "wrangler deploy uses it",
  "GET /accounts/:account/workers/domains/records": "wrangler init uses it",
  "GET /accounts/:account/workers/domains/records/:id": "wrangler deploy uses it",
  "GET /accounts/:account/workers/scripts/:script/references": "wrangler delete uses it",
  "GET /accounts/:account/workers/tails/by-consumer/:script": "wrangler delete uses it",
  "GET /accounts/:account/storage/kv/namespaces": "wrangler delete uses it; always an empty list",
  "GET /accounts/:account/containers/applications": "wrangler delete uses it",
  "DELETE /accounts/:account/workers/services/:script": "wrangler delete uses it",
  "GET /accounts/:account/workers/subdomains/:subdomain": "wrangler deploy uses it",
};

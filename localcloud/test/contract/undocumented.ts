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
  "DELETE /accounts/:account/workers/domains/:id": "documented as an envelope without a result",
};

import type { Resource } from "../resource.ts";
import { restResource } from "./rest-resource.ts";

/**
 * Whether a script is served at its workers.dev address. Its Pulumi id is the account's id, as in
 * the real provider: the API gives it none.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/subdomain/
 */
export const workersScriptSubdomain: Resource = restResource({
  token: "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain",
  fields: {
    accountId: { type: "string", required: true, replace: true, inPath: true },
    scriptName: { type: "string", required: true, replace: true, inPath: true },
    enabled: { type: "boolean", required: true },
    previewsEnabled: { type: "boolean", filled: true },
  },
  uncovered: [],
  computed: {},
  importId: ["accountId", "scriptName"],
  collection: ["accounts", ":accountId", "workers", "scripts", ":scriptName", "subdomain"],
  item: [],
  createMethod: "POST",
  updateMethod: "POST",
  idFrom: "accountId",
});

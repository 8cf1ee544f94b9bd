import { apiPath } from "../api/client.ts";
import { camelize } from "../schema.ts";
import { textOf } from "../values.ts";
import type { ProviderFunction } from "./function.ts";

/**
 * The scripts of an account with their migration tags, in one request.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/methods/list/
 */
export const getWorkersScripts: ProviderFunction = {
  token: "cloudflare:index/getWorkersScripts:getWorkersScripts",
  fields: {
    accountId: { type: "string", required: true, inPath: true },
    maxItems: { type: "integer" },
    tags: { type: "string" },
  },
  async call({ api, signal }, args) {
    const path = apiPath("accounts", textOf(args["accountId"]) ?? "", "workers", "scripts");
    const query = typeof args["tags"] === "string" ? { tags: args["tags"] } : {};
    const result = camelize(await api.call({ method: "GET", path, query, signal }));
    const limit = typeof args["maxItems"] === "number" ? args["maxItems"] : Infinity;
    return { ...args, results: Array.isArray(result) ? result.slice(0, limit) : [] };
  },
};

import { apiPath } from "../api/client.ts";
import { ProviderError } from "../errors.ts";
import { camelize } from "../schema.ts";
import { isObject } from "../values.ts";
import type { Properties, PropertyValue } from "../values.ts";
import type { FunctionContext, ProviderFunction } from "./function.ts";

const MAX_PAGES = 1000;

/**
 * The zones that match, page after page until an empty one, as the real provider reads them.
 * @see https://developers.cloudflare.com/api/resources/zones/methods/list/
 */
export const getZones: ProviderFunction = {
  token: "cloudflare:index/getZones:getZones",
  fields: {
    account: { type: { object: { id: { type: "string" }, name: { type: "string" } } } },
    direction: { type: "string" },
    match: { type: "string" },
    maxItems: { type: "integer" },
    name: { type: "string" },
    order: { type: "string" },
    status: { type: "string" },
    types: { type: { list: { type: "string" } } },
  },
  async call(context, args) {
    const limit = typeof args["maxItems"] === "number" ? args["maxItems"] : 1000;
    const results: PropertyValue[] = [];
    for (let page = 1; results.length < limit; page++) {
      if (page > MAX_PAGES) throw new ProviderError("GET /zones: the list of zones has no end");
      const items = await readPage(context, args, page);
      if (items.length === 0) break;
      results.push(...items);
    }
    return { match: "all", ...args, results: results.slice(0, limit) };
  },
};

async function readPage(
  { api, signal }: FunctionContext,
  args: Properties,
  page: number,
): Promise<PropertyValue[]> {
  const query = { ...queryOf(args), ...(page === 1 ? {} : { page: String(page) }) };
  const result = camelize(await api.call({ method: "GET", path: apiPath("zones"), query, signal }));
  return Array.isArray(result) ? result : [];
}

function queryOf(args: Properties): Record<string, string> {
  const { account, types } = args;
  const query: Record<string, string> = {};
  if (isObject(account) && !Array.isArray(account)) {
    if (typeof account["id"] === "string") query["account.id"] = account["id"];
    if (typeof account["name"] === "string") query["account.name"] = account["name"];
  }
  for (const name of ["direction", "match", "name", "order", "status"]) {
    const value = args[name];
    if (typeof value === "string") query[name] = value;
  }
  if (Array.isArray(types)) query["type"] = types.map(String).join(",");
  return query;
}

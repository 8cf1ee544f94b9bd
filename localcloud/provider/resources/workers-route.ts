import type { Resource } from "../resource.ts";
import { restResource } from "./rest-resource.ts";

/**
 * Which script serves a URL pattern of a zone; without a script, none does.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/routes/
 */
export const workersRoute: Resource = restResource({
  token: "cloudflare:index/workersRoute:WorkersRoute",
  fields: {
    zoneId: { type: "string", required: true, replace: true, inPath: true },
    pattern: { type: "string", required: true },
    script: { type: "string" },
  },
  uncovered: [],
  computed: {},
  importId: ["zoneId", "id"],
  collection: ["zones", ":zoneId", "workers", "routes"],
  item: [":id"],
  createMethod: "POST",
  updateMethod: "PUT",
});

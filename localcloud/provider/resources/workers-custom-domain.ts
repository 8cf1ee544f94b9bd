import type { Resource } from "../resource.ts";
import { restResource } from "./rest-resource.ts";

/**
 * A hostname that a script serves whole, with its DNS record and certificate. There is no update:
 * every change makes a new one.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/domains/
 */
export const workersCustomDomain: Resource = restResource({
  token: "cloudflare:index/workersCustomDomain:WorkersCustomDomain",
  fields: {
    accountId: { type: "string", required: true, replace: true, inPath: true },
    hostname: { type: "string", required: true, replace: true },
    service: { type: "string", required: true, replace: true },
    environment: { type: "string", replace: true, filled: true },
    zoneId: { type: "string", replace: true, filled: true },
    zoneName: { type: "string", replace: true, filled: true },
  },
  uncovered: [],
  computed: { certId: [] },
  importId: ["accountId", "id"],
  collection: ["accounts", ":accountId", "workers", "domains"],
  item: [":id"],
  createMethod: "PUT",
  emptyDelete: true,
});

import type { Resource } from "../resource.ts";
import { isUnknown, reveal } from "../values.ts";
import { restResource } from "./rest-resource.ts";

/**
 * A DNS record of a zone.
 * @see https://developers.cloudflare.com/api/resources/dns/subresources/records/
 */
export const dnsRecord: Resource = restResource({
  token: "cloudflare:index/dnsRecord:DnsRecord",
  fields: {
    zoneId: { type: "string", required: true, replace: true, inPath: true },
    name: { type: "string", required: true },
    type: { type: "string", required: true },
    ttl: { type: "integer", required: true },
    content: { type: "string" },
    proxied: { type: "boolean", default: false },
    comment: { type: "string" },
    priority: { type: "integer" },
    tags: { type: { list: { type: "string" }, unordered: true } },
    settings: {
      type: {
        object: {
          flattenCname: { type: "boolean" },
          ipv4Only: { type: "boolean", wire: "ipv4_only" },
          ipv6Only: { type: "boolean", wire: "ipv6_only" },
        },
      },
    },
  },
  uncovered: ["data", "includeShadowMetadata", "privateRouting"],
  computed: {
    commentModifiedOn: ["comment"],
    createdOn: [],
    meta: "any",
    modifiedOn: "any",
    proxiable: ["type", "content", "name"],
    tagsModifiedOn: ["tags"],
  },
  importId: ["zoneId", "id"],
  collection: ["zones", ":zoneId", "dns_records"],
  item: [":id"],
  createMethod: "POST",
  updateMethod: "PUT",
  updateDefaults: { settings: {}, tags: [] },
  check(inputs) {
    const ttl = reveal(inputs["ttl"] ?? null);
    const automatic = ttl === 1 || isUnknown(ttl);
    if (reveal(inputs["proxied"] ?? false) !== true || automatic) return Promise.resolve([]);
    return Promise.resolve([
      `ttl: ${JSON.stringify(ttl)} with proxied; a proxied record has ttl 1`,
    ]);
  },
});

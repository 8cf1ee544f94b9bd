/** Version of the real plugin, and of @pulumi/cloudflare, that this stands in for. */
export const VERSION = "6.22.1";

import { Provider } from "@pulumi/cloudflare/provider.js";
import type { LocalCloud } from "./local-cloud-config.ts";

/** The local cloud takes any token of Cloudflare's form; a real one has no business there. */
const LOCAL_API_TOKEN = "local-cloud-token-0123456789abcdef0123456789abcdef";

/** The `cloudflare:` values of the stack's config. */
interface Credentials {
  readonly apiToken?: string;
  readonly apiKey?: string;
  readonly email?: string;
}

/**
 * The provider of all resources. Explicit, so that a stack of the local cloud cannot reach
 * Cloudflare. Credentials come from the environment (CLOUDFLARE_API_TOKEN), which stays out of the
 * state, or from the `cloudflare:` keys of the stack's config, which an explicit provider does not
 * read by itself.
 */
export function stackProvider(
  localCloud: LocalCloud | undefined,
  { apiToken, apiKey, email }: Credentials,
): Provider {
  // The provider's SDK makes token and key secrets.
  return localCloud === undefined
    ? new Provider("cloudflare", { apiToken, apiKey, email })
    : new Provider("cloudflare", { baseUrl: localCloud.baseUrl, apiToken: LOCAL_API_TOKEN });
}

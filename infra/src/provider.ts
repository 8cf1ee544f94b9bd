import { Provider } from "@pulumi/cloudflare/provider.js";
import { CLOUDFLARE_API_URL } from "./account-subdomain.ts";
import type { LocalCloud } from "./local-cloud-config.ts";

/** The local cloud takes any token of Cloudflare's form; a real one has no business there. */
const LOCAL_API_TOKEN = "local-cloud-token-0123456789abcdef0123456789abcdef";

/** How the stack's API is reached. */
export interface ApiAccess {
  readonly provider: Provider;
  /** Without final slash. */
  readonly baseUrl: string;
  /** For the request that the provider has no function for; undefined when none is set. */
  readonly token: string | undefined;
}

export interface ApiOptions {
  readonly localCloud: LocalCloud | undefined;
  /** The `cloudflare:` values of the stack's config. */
  readonly values: {
    readonly apiToken?: string;
    readonly apiKey?: string;
    readonly email?: string;
  };
  /** Environment of the program. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The provider of all resources. Explicit, so that a stack of the local cloud cannot reach
 * Cloudflare. Credentials come from the environment (CLOUDFLARE_API_TOKEN), which stays out of the
 * state, or from the `cloudflare:` keys of the stack's config, which an explicit provider does not
 * read by itself.
 */
export function apiAccess({ localCloud, values, env }: ApiOptions): ApiAccess {
  if (localCloud !== undefined) {
    const { baseUrl } = localCloud;
    const token = LOCAL_API_TOKEN;
    const provider = new Provider("cloudflare", { baseUrl, apiToken: token });
    return { provider, baseUrl, token };
  }
  const { apiToken, apiKey, email } = values;
  return {
    // The provider's SDK makes token and key secrets.
    provider: new Provider("cloudflare", { apiToken, apiKey, email }),
    baseUrl: (setIn(env, "CLOUDFLARE_BASE_URL") ?? CLOUDFLARE_API_URL).replace(/\/+$/, ""),
    token: apiToken ?? setIn(env, "CLOUDFLARE_API_TOKEN"),
  };
}

/** A variable's value; empty counts as unset, as it does for the provider. */
function setIn(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] === "" ? undefined : env[name];
}

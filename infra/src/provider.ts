import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { CLOUDFLARE_API_URL } from "./account-subdomain.ts";
import type { LocalCloud } from "./local-cloud-config.ts";

/** The local cloud takes any token of Cloudflare's form; a real one has no business there. */
const LOCAL_API_TOKEN = "local-cloud-token-0123456789abcdef0123456789abcdef";

/** How the stack's API is reached. */
export interface ApiAccess {
  readonly provider: cloudflare.Provider;
  /** Without final slash. */
  readonly baseUrl: string;
  /** For the requests that the provider has no function for. A secret; undefined when none is set. */
  readonly token: pulumi.Output<string | undefined>;
}

/**
 * The provider of all resources. Explicit, so that a stack of the local cloud cannot reach
 * Cloudflare. Credentials come from the environment (CLOUDFLARE_API_TOKEN), which stays out of the
 * state, or from the `cloudflare:` keys of the stack's config, which an explicit provider does not
 * read by itself.
 */
export function apiAccess(localCloud: LocalCloud | undefined): ApiAccess {
  if (localCloud !== undefined) {
    const { baseUrl } = localCloud;
    const token = pulumi.secret(LOCAL_API_TOKEN);
    return {
      provider: new cloudflare.Provider("cloudflare", { baseUrl, apiToken: token }),
      baseUrl,
      token,
    };
  }
  const config = new pulumi.Config("cloudflare");
  const apiToken = config.getSecret("apiToken");
  const baseUrl = process.env["CLOUDFLARE_BASE_URL"]?.replace(/\/+$/, "");
  const provider = new cloudflare.Provider("cloudflare", {
    apiToken,
    apiKey: config.getSecret("apiKey"),
    email: config.get("email"),
  });
  return {
    provider,
    baseUrl: baseUrl ?? CLOUDFLARE_API_URL,
    token: apiToken ?? pulumi.secret(process.env["CLOUDFLARE_API_TOKEN"]),
  };
}

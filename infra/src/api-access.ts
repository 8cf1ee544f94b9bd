import type * as pulumi from "@pulumi/pulumi";
import { CLOUDFLARE_API_URL } from "./cloudflare-api.ts";
import { knownText } from "./known-value.ts";
import { isLoopback } from "./local-cloud-config.ts";

/** How the API of a component's account is reached: as its provider does. */
export interface ApiAccess {
  /** For the provider's functions. */
  readonly invoke: pulumi.InvokeOptions;
  /** Without final slash. */
  readonly baseUrl: string;
  /** For requests that the provider has no function for; undefined when none is set. */
  readonly token: string | undefined;
  /** Whether the API is a local cloud's, on this machine. */
  readonly isLocal: boolean;
}

export interface ApiAccessOptions {
  /** The `cloudflare:` values of the stack's config, which the default provider reads. */
  readonly defaults: { readonly apiToken?: string; readonly baseUrl?: string };
  /** Environment of the program, which every provider reads. */
  readonly env: NodeJS.ProcessEnv;
}

/** Access by the provider that a component's resources have: an explicit one, or the default. */
export async function apiAccess(
  component: pulumi.ComponentResource,
  { defaults, env }: ApiAccessOptions,
): Promise<ApiAccess> {
  const provider = component.getProvider("cloudflare:index/workersScript:WorkersScript");
  const configured = provider === undefined ? defaults : await readProvider(provider);
  const given = configured.baseUrl ?? setIn(env, "CLOUDFLARE_BASE_URL") ?? CLOUDFLARE_API_URL;
  const baseUrl = given.replace(/\/+$/, "");
  return {
    invoke: { parent: component },
    baseUrl,
    token: configured.apiToken ?? setIn(env, "CLOUDFLARE_API_TOKEN"),
    isLocal: URL.canParse(baseUrl) && isLoopback(new URL(baseUrl)),
  };
}

/** The class may be of another copy of the SDK than ours. */
async function readProvider(
  provider: pulumi.ProviderResource,
): Promise<{ apiToken?: string | undefined; baseUrl?: string | undefined }> {
  const [apiToken, baseUrl] = await Promise.all(
    ["apiToken", "baseUrl"].map((name) => {
      const property: unknown = Reflect.get(provider, name);
      return knownText(property);
    }),
  );
  return { apiToken, baseUrl };
}

/** A variable's value; empty counts as unset, as it does for the provider. */
function setIn(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] === "" ? undefined : env[name];
}

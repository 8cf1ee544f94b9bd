import { ACCOUNT_ID } from "./model/ids.ts";

/** A token that clients accept which check its form. The local cloud accepts any. */
export const LOCAL_TOKEN = "local-cloud-token-0123456789abcdef0123456789abcdef";

/** A client that is told where the API is by environment variables. */
export type ClientName = "sdk" | "wrangler" | "pulumi" | "terraform";

export const CLIENTS: readonly ClientName[] = ["sdk", "wrangler", "pulumi", "terraform"];

/** Wrangler reads another name than the rest, and does more than deploy unless it is told not to. */
const WRANGLER: Readonly<Record<string, string>> = {
  CI: "1",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_SEND_METRICS: "false",
};

/** Environment variables that point `client` at the API. */
export function clientEnvironment(client: ClientName, apiUrl: string): Record<string, string> {
  const isWrangler = client === "wrangler";
  return {
    [isWrangler ? "CLOUDFLARE_API_BASE_URL" : "CLOUDFLARE_BASE_URL"]: apiUrl,
    CLOUDFLARE_API_TOKEN: LOCAL_TOKEN,
    CLOUDFLARE_ACCOUNT_ID: ACCOUNT_ID,
    ...(isWrangler ? WRANGLER : {}),
  };
}

import { CLOUDFLARE_API_URL, openApi } from "../../../infra/src/cloudflare-api.ts";
import type { StackConfig } from "../../../infra/src/config.ts";
import { PROJECT_NAME } from "../project.ts";
import type { Site } from "./account.ts";
import { neededPermissions, tokenLink } from "./permissions.ts";
import type { Settings } from "./stack-settings.ts";

export interface SiteOptions {
  readonly stack: string;
  /** Valid config of the stack. */
  readonly config: StackConfig;
  readonly isDeployed: boolean;
  /** Environment of the user. */
  readonly env: NodeJS.ProcessEnv;
}

/** The account's side of a stack, with the token that goes with it; a text that says how to make one without. */
export function siteOf(
  { apiToken }: Pick<Settings, "apiToken">,
  { stack, config, isDeployed, env }: SiteOptions,
): { site: Site; token: string } | { link: string } {
  const link = tokenLink(neededPermissions(config), config.scriptName);
  const { localCloud } = config;
  // The local cloud takes any token, and the user's own has no business there.
  const token =
    localCloud === undefined ? (apiToken ?? filled(env, "CLOUDFLARE_API_TOKEN")) : "local";
  if (token === undefined) return { link };
  const baseUrl = localCloud?.baseUrl ?? filled(env, "CLOUDFLARE_BASE_URL") ?? CLOUDFLARE_API_URL;
  const api = openApi({ baseUrl: baseUrl.replace(/\/+$/, ""), token });
  const mark = { project: PROJECT_NAME, stack };
  return { site: { api, config, link, isDeployed, stack: mark }, token };
}

/** Empty counts as unset, as it does for the provider. */
export function filled(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] === "" ? undefined : env[name];
}

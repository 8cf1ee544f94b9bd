import type { StackConfig } from "../../../infra/src/config.ts";
import {
  DNS_READ,
  WORKERS_ROUTES,
  WORKERS_SCRIPTS,
  ZONE,
  type Permission,
} from "../../../infra/src/permissions.ts";

export const ACCOUNT_SETTINGS: Permission = {
  key: "account_settings",
  type: "read",
  label: "Account, Account Settings, Read",
};
const DNS_EDIT: Permission = { key: "dns", type: "edit", label: "Zone, DNS, Edit" };

/** What a token must be allowed to deploy a stack and to have all of it checked. */
export function neededPermissions({ exposure }: Pick<StackConfig, "exposure">): Permission[] {
  const { customDomain, route } = exposure;
  const account = [WORKERS_SCRIPTS, ACCOUNT_SETTINGS];
  if (customDomain === undefined && route === undefined) return account;
  return [...account, ZONE, WORKERS_ROUTES, route?.manageDns === true ? DNS_EDIT : DNS_READ];
}

/**
 * The dashboard's form for a new token with these permissions filled in; account and zone are chosen
 * there.
 * @see https://developers.cloudflare.com/fundamentals/api/how-to/account-owned-token-template/
 */
export function tokenLink(permissions: readonly Permission[], name: string): string {
  const keys = permissions.map(({ key, type }) => ({ key, type }));
  const query = [
    `permissionGroupKeys=${encodeURIComponent(JSON.stringify(keys))}`,
    "accountId=*",
    "zoneId=all",
    `name=${encodeURIComponent(name)}`,
  ];
  return `https://dash.cloudflare.com/profile/api-tokens?${query.join("&")}`;
}

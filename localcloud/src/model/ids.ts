import { createHash } from "node:crypto";

/** Lower-case hexadecimal SHA-256 of `data`. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** A Cloudflare identifier: 32 hexadecimal digits that depend on `parts` alone. */
export function identifier(...parts: (string | number)[]): string {
  return sha256(parts.join(":")).slice(0, 32);
}

/** The one account. The same on every machine, so that it can be written into a stack's config. */
export const ACCOUNT_ID: string = identifier("account", "local");

/** The one user: the author of everything. */
export const USER_ID: string = identifier("user", "local");
export const USER_EMAIL = "local@localhost";

/** Id of the zone `name`; the same on every machine. */
export function zoneId(name: string): string {
  return identifier("zone", name);
}

/** An identifier in the form of a UUID (version 8: digits of our own making). */
export function uuid(...parts: (string | number)[]): string {
  const hex = identifier(...parts);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}

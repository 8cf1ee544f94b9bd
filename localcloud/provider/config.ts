import { isLoopback } from "./api/loopback.ts";
import { hasUnknowns, isUnknown, reveal, textOf } from "./values.ts";
import type { Properties, PropertyValue } from "./values.ts";
import { VERSION } from "./version.ts";

/** What a provider resource is configured with. */
export interface ProviderConfig {
  /** A loopback URL without credentials. */
  readonly baseUrl: string;
  /** Never to be shown. */
  readonly token: string;
}

/** Environment variables of the process, as far as they matter here. */
export type Env = Readonly<Record<string, string | undefined>>;

const INSTALL = `install the real plugin: pulumi plugin install resource cloudflare ${VERSION}`;

// Source: cloudflare/terraform-provider-cloudflare v5.22.0, internal/provider.go.
const TOKEN = /^[0-9A-Za-z\-_]{40,80}$/;

/** Keys of the real provider's configuration that only make sense at the real API. */
const UNCOVERED: readonly string[] = [
  "apiKey",
  "apiUserServiceKey",
  "email",
  "userAgentOperatorSuffix",
];

/** Configuration that the engine adds of its own accord. */
const ENGINE_KEYS: ReadonlySet<string> = new Set(["version", "pluginDownloadURL", "serverUrl"]);

/**
 * All complaints about a configuration; none means that {@link readConfig} succeeds once nothing in
 * it is unknown. Never names a secret's value.
 */
export function checkConfig(inputs: Properties, env: Env): string[] {
  const complaints = Object.keys(inputs)
    .filter((key) => key !== "baseUrl" && key !== "apiToken" && !ENGINE_KEYS.has(key))
    .map((key) =>
      UNCOVERED.includes(key)
        ? `${key}: the local stand-in for the Cloudflare provider knows baseUrl and apiToken only; remove it, or ${INSTALL}`
        : `${key}: the Cloudflare provider has no such setting; remove it`,
    );
  const url = checkBaseUrl(inputs["baseUrl"], env["CLOUDFLARE_BASE_URL"]);
  const token = checkToken(inputs["apiToken"], env["CLOUDFLARE_API_TOKEN"]);
  return [...complaints, ...[url, token].filter((text) => text !== null)];
}

/** The configuration to work with, or the complaints about it. */
export function readConfig(inputs: Properties, env: Env): ProviderConfig | string[] {
  const complaints = checkConfig(inputs, env);
  if (complaints.length > 0) return complaints;
  const unknown = ["baseUrl", "apiToken"].filter((key) => hasUnknowns(inputs[key]));
  if (unknown.length > 0) return unknown.map((key) => `${key}: its value is not known yet`);
  return {
    baseUrl: textOf(inputs["baseUrl"]) ?? env["CLOUDFLARE_BASE_URL"] ?? "",
    token: textOf(inputs["apiToken"]) ?? env["CLOUDFLARE_API_TOKEN"] ?? "",
  };
}

function checkBaseUrl(stated: PropertyValue | undefined, fromEnv?: string): string | null {
  const value = reveal(stated ?? null);
  if (isUnknown(value)) return null;
  if (value !== null && typeof value !== "string") return "baseUrl: expected a string";
  const url = value ?? fromEnv;
  const source = value === null ? "CLOUDFLARE_BASE_URL" : "baseUrl";
  if (url === undefined || url === "") {
    return (
      "baseUrl is not set, so requests would go to the real Cloudflare API. This is the stand-in " +
      "that serves a local cloud only: set baseUrl (cloudflare:baseUrl in the stack's config) to its " +
      `address, e.g. http://127.0.0.1:8789/client/v4, or ${INSTALL}`
    );
  }
  if (!URL.canParse(url)) return `${source}: '${url}' is not a URL`;
  const { protocol, hostname, username, password } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") {
    return `${source}: '${url}' must start with http:// or https://`;
  }
  if (username !== "" || password !== "") {
    return `${source}: the URL for ${hostname} holds credentials; use apiToken`;
  }
  if (isLoopback(hostname)) return null;
  return (
    `${source}: '${url}' is not on this machine. This is the stand-in for the Cloudflare provider, ` +
    "which talks to a local cloud at a loopback address only (127.0.0.0/8, [::1], localhost or " +
    `*.localhost). For anything else, ${INSTALL}`
  );
}

function checkToken(stated: PropertyValue | undefined, fromEnv?: string): string | null {
  const value = reveal(stated ?? null);
  if (isUnknown(value)) return null;
  if (value === null) {
    // The real provider does not look at the variable's form either.
    return fromEnv === undefined || fromEnv === ""
      ? "apiToken is not set: set it, or CLOUDFLARE_API_TOKEN. The local cloud takes any token"
      : null;
  }
  if (typeof value === "string" && TOKEN.test(value)) return null;
  const form = typeof value === "string" ? `it has ${value.length} characters` : "it is no string";
  return `apiToken: must be 40 to 80 characters of 0-9, A-Z, a-z, - and _; ${form}`;
}

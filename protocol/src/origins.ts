import { parseUrl } from "./url.ts";

/** One entry of `allowedOrigins`, parsed. */
export type OriginRule =
  /** `*`: every request, with any Origin header or none. */
  | { readonly kind: "any" }
  /** `none`: a request without an Origin header (wscat, native apps). */
  | { readonly kind: "none" }
  /** `null`: the opaque origin of sandboxed frames and `file:` pages. */
  | { readonly kind: "null" }
  | {
      readonly kind: "origin";
      readonly scheme: "http" | "https";
      /** Lower case, punycode; for a wildcard entry the part after `*.`. */
      readonly host: string;
      /** Whether one label or more must stand before `host`. */
      readonly subdomains: boolean;
      /** Empty for the scheme's default port, `*` for any. */
      readonly port: string;
    };

export interface ParsedOrigins {
  readonly rules: readonly OriginRule[];
  /** One sentence for each entry that cannot be used: the value, what is wrong, what to do. */
  readonly errors: readonly string[];
}

const ENTRY =
  /^(?<scheme>https?):\/\/(?<wild>\*\.)?(?<host>[^/?#@:\s*]+|\[[\da-f:.]+\])(?::(?<port>\d+|\*))?$/i;

/** Parses the list that stack config or a binding gives. Never throws. */
export function parseOrigins(entries: unknown): ParsedOrigins {
  if (!Array.isArray(entries) || entries.length === 0) {
    const given = JSON.stringify(entries) ?? String(entries);
    return {
      rules: [],
      errors: [`${given} is not a list of origins; use ["https://example.com"]`],
    };
  }
  const rules: OriginRule[] = [];
  const errors: string[] = [];
  for (const entry of entries) {
    const rule = parseOrigin(entry);
    if (typeof rule === "string") errors.push(rule);
    else rules.push(rule);
  }
  return { rules, errors };
}

/**
 * Whether a request may be served.
 * @param origin the Origin header as it came; `null` when there is none
 */
export function isOriginAllowed(rules: readonly OriginRule[], origin: string | null): boolean {
  return rules.some((rule) => matches(rule, origin));
}

function matches(rule: OriginRule, origin: string | null): boolean {
  if (rule.kind === "any") return true;
  if (rule.kind === "none") return origin === null;
  if (origin === null) return false;
  if (rule.kind === "null") return origin === "null";
  const url = URL.parse(origin);
  if (url === null || url.origin !== origin.toLowerCase()) return false;
  if (url.protocol !== `${rule.scheme}:`) return false;
  if (rule.port !== "*" && url.port !== rule.port) return false;
  return rule.subdomains ? url.hostname.endsWith(`.${rule.host}`) : url.hostname === rule.host;
}

/** The rule, or the sentence that says what is wrong with the entry. */
function parseOrigin(entry: unknown): OriginRule | string {
  if (entry === "*") return { kind: "any" };
  if (entry === "none" || entry === "null") return { kind: entry };
  if (typeof entry !== "string") {
    return `${JSON.stringify(entry) ?? String(entry)} is not a string; use "https://example.com"`;
  }
  const parts = ENTRY.exec(entry)?.groups;
  if (parts === undefined) return explain(entry);
  const { wild, port } = parts;
  const scheme = parts["scheme"]?.toLowerCase() === "https" ? "https" : "http";
  const url = parseUrl(`${scheme}://${parts["host"]}${port && port !== "*" ? `:${port}` : ""}`);
  if (url === null) return `'${entry}' has no valid host or port; use 'https://example.com'`;
  const subdomains = wild !== undefined;
  if (subdomains && /^[\d.]+$|^\[/.test(url.hostname)) {
    return `'${entry}' has a wildcard before an IP address; list the addresses instead`;
  }
  return {
    kind: "origin",
    scheme,
    host: url.hostname,
    subdomains,
    port: port === "*" ? "*" : url.port,
  };
}

function explain(entry: string): string {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(entry)) {
    return `'${entry}' has no scheme; use 'https://${entry.trim() || "example.com"}'`;
  }
  if (!/^https?:/i.test(entry)) return `'${entry}' is not http or https; use 'https://example.com'`;
  const [origin] = /^[a-z]+:\/\/[^/?#]+/i.exec(entry) ?? [];
  if (origin !== undefined && origin !== entry) {
    return `'${entry}' has a path; use '${origin}'`;
  }
  if (entry.includes("@")) return `'${entry}' has a user name; use 'https://example.com'`;
  if (entry.includes("*")) {
    return `'${entry}' has a wildcard in the middle; use 'https://*.example.com' or list the origins`;
  }
  return `'${entry}' has no valid host or port; use 'https://example.com'`;
}

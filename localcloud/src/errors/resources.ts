import { type ErrorKind, kind } from "./kind.ts";

const OURS = "the local cloud";

// Requests
export const MISSING_AUTH: ErrorKind = kind(
  400,
  9106,
  "Missing X-Auth-Key, X-Auth-Email or Authorization headers",
  "API",
  "text",
);
export const BAD_AUTH_HEADER: ErrorKind = kind(400, 6003, "Invalid request headers", "API", "text");
export const FOREIGN_ACCOUNT: ErrorKind = kind(
  403,
  10000,
  "Authentication error",
  "workers-sdk #14667",
  "text",
);
export const UNKNOWN_OBJECT: ErrorKind = kind(
  404,
  7003,
  "Could not route to {path}, perhaps your object identifier is invalid?",
  "API",
  "text",
);
export const UNKNOWN_ENDPOINT: ErrorKind = kind(
  501,
  7000,
  "The local cloud does not have {method} {path}. Its README says what it has, and what it has not.",
  OURS,
  "no",
);
export const UNKNOWN_PRODUCT: ErrorKind = kind(
  501,
  7000,
  "The local cloud does not have {product} ({method} {path}). It has Durable Objects, service bindings, rate limits, version metadata, variables and secrets: leave {product} out of what is deployed to it.",
  OURS,
  "no",
);
export const OUTSIDE_API: ErrorKind = kind(
  404,
  7000,
  "No route for that URI: {path}. The API is below /client/v4.",
  "API",
  "code",
);
export const METHOD_NOT_ALLOWED: ErrorKind = kind(
  405,
  10405,
  "Method {method} is not allowed for {path}; it has {allowed}.",
  "cloudflare SDK",
  "code",
);
export const FOREIGN_ORIGIN: ErrorKind = kind(
  403,
  9109,
  "The local cloud answers to programs on this machine, not to {value}.",
  OURS,
  "no",
);
export const MALFORMED_JSON: ErrorKind = kind(
  400,
  10012,
  "Could not parse the request body: {reason}",
  OURS,
  "no",
);
export const INVALID_FIELD: ErrorKind = kind(
  400,
  10001,
  "{field}: {reason}",
  "Miniflare local explorer",
  "code",
);
export const BODY_TOO_LARGE: ErrorKind = kind(
  413,
  10027,
  "workers.api.error.script_too_large: the request is larger than {limit} bytes",
  "workers-sdk tests",
  "code",
);
export const INTERNAL: ErrorKind = kind(
  500,
  10013,
  "An unknown error has occurred. If this issue persists please file a report: {reason}",
  "workers-sdk tests",
  "code",
);

// Scripts
export const SCRIPT_NOT_FOUND: ErrorKind = kind(
  404,
  10007,
  "This Worker does not exist on your account.",
  "workers-sdk worker-not-found-error.ts",
  "text",
);
export const SERVICE_NOT_FOUND: ErrorKind = kind(
  404,
  10090,
  "workers.api.error.service_not_found",
  "workers-sdk test helpers",
  "text",
);
export const ENVIRONMENT_NOT_FOUND: ErrorKind = kind(
  404,
  10092,
  "workers.api.error.environment_not_found",
  "workers-sdk test helpers",
  "text",
);
export const SCRIPT_REFERENCED: ErrorKind = kind(
  400,
  10064,
  "Cannot delete Worker '{name}': it is referenced by {users}. Delete with ?force=true to break those bindings.",
  "alchemy",
  "code",
);

// Routes and domains
export const ROUTE_NOT_FOUND: ErrorKind = kind(
  404,
  10009,
  "Route not found",
  "cloudflare SDK",
  "code",
);
export const ROUTE_SCRIPT_MISSING: ErrorKind = kind(
  400,
  10019,
  "workers.api.error.invalid_route_script_missing: there is no Worker '{script}'.",
  "Cloudflare docs",
  "code",
);
export const DUPLICATE_ROUTE: ErrorKind = kind(
  409,
  10020,
  "workers.api.error.duplicate_route: a route with the same pattern already exists: {pattern}",
  "terraform-provider-cloudflare #5501",
  "text",
);
export const INVALID_ROUTE_PATTERN: ErrorKind = kind(
  400,
  10022,
  "{reason}",
  "Cloudflare docs",
  "text",
);
export const DOMAIN_NOT_FOUND: ErrorKind = kind(
  404,
  100114,
  "Custom domain not found",
  "cloudflare SDK",
  "code",
);
export const DOMAIN_IN_USE: ErrorKind = kind(
  409,
  100116,
  "Hostname '{hostname}' already in use by other custom domain. Either delete it, try a different hostname, or use the option 'override_existing_origin' to override.",
  "alchemy #1384",
  "text",
);
export const DOMAIN_HAS_DNS_RECORDS: ErrorKind = kind(
  409,
  100117,
  "Hostname '{hostname}' already has externally managed DNS records (A, CNAME, etc). Either delete them, try a different hostname, or use the option 'override_existing_dns_record' to override.",
  "workers-sdk #9878",
  "text",
);
export const DOMAIN_WITHOUT_ZONE: ErrorKind = kind(
  400,
  100115,
  "There is no zone for hostname '{hostname}' on your account. Your zones: {zones}.",
  OURS,
  "no",
);

// DNS
export const RECORD_NOT_FOUND: ErrorKind = kind(
  404,
  81044,
  "Record does not exist.",
  "API",
  "text",
);
export const IDENTICAL_RECORD: ErrorKind = kind(
  400,
  81058,
  "An identical record already exists.",
  "API",
  "text",
);
export const CONFLICTING_RECORD: ErrorKind = kind(
  400,
  81053,
  "An A, AAAA, or CNAME record with that host already exists.",
  "API",
  "text",
);
export const INVALID_RECORD: ErrorKind = kind(
  400,
  1004,
  "DNS Validation Error: {reason}",
  "API",
  "code",
);

import { type ErrorKind, kind } from "./kind.ts";

const OURS = "the local cloud";

// Secrets and bindings
export const SECRET_NOT_FOUND: ErrorKind = kind(
  404,
  10056,
  "Binding '{name}' not found.",
  "workers-sdk #12812",
  "text",
);
export const BINDING_NAME_TAKEN: ErrorKind = kind(
  400,
  10053,
  "Binding name '{name}' already in use. Please use a different name and try again.",
  "workers-sdk #12812",
  "text",
);
export const LATEST_VERSION_NOT_DEPLOYED: ErrorKind = kind(
  400,
  10215,
  "Secret edit failed. You attempted to modify a secret, but the latest version of your Worker isn't currently deployed. Please ensure that the latest version of your Worker is fully deployed (wrangler versions deploy) before modifying secrets.",
  "workers-sdk src/secret",
  "code",
);

// Schedules
export const INVALID_CRON: ErrorKind = kind(
  400,
  10100,
  "invalid cron string: '{cron}' {reason}",
  "workers-sdk #8923 (says no more than 'invalid cron string')",
  "code",
);
export const TOO_MANY_CRONS: ErrorKind = kind(
  400,
  10072,
  "workers.api.error.too_many_crons",
  "workers-sdk #5998",
  "text",
);
export const UNREADABLE_BODY: ErrorKind = kind(
  400,
  10026,
  "Could not parse request body. Please ensure the request is valid and try again.",
  "cloudflare-docs #33580",
  "text",
);

// Tails
export const TAIL_NOT_FOUND: ErrorKind = kind(
  404,
  10057,
  "There is no tail '{id}' of this Worker.",
  OURS,
  "no",
);
export const TOO_MANY_TAILS: ErrorKind = kind(
  429,
  10058,
  "This Worker has {limit} tails already, and no more may follow it at once. Stop one of them.",
  "Cloudflare docs (the limit); status and code are ours",
  "no",
);
export const INVALID_TAIL_FILTER: ErrorKind = kind(400, 10059, "{reason}", OURS, "no");

// workers.dev
export const SUBDOMAIN_MISSING: ErrorKind = kind(
  404,
  10007,
  "This account has no workers.dev subdomain. Register one with PUT /accounts/:account/workers/subdomain.",
  "workers-sdk subdomain.ts",
  "code",
);
export const SUBDOMAIN_NEEDED: ErrorKind = kind(
  400,
  10063,
  "You need a workers.dev subdomain in order to proceed. Register one with PUT /accounts/:account/workers/subdomain.",
  "workers-sdk handle-errors.ts",
  "code",
);
export const SUBDOMAIN_EXISTS: ErrorKind = kind(
  409,
  10036,
  "This account has the workers.dev subdomain '{subdomain}' already.",
  "cloudflare SDK",
  "code",
);
export const SUBDOMAIN_UNAVAILABLE: ErrorKind = kind(
  409,
  10031,
  "The workers.dev subdomain '{subdomain}' is unavailable: 1 to 63 of a-z, 0-9 and -, with no - at either end.",
  "workers-sdk subdomain.ts",
  "code",
);
export const SUBDOMAIN_FREE: ErrorKind = kind(
  404,
  10032,
  "Nobody has the workers.dev subdomain '{subdomain}'.",
  "workers-sdk subdomain.ts",
  "code",
);

// Zones and namespaces
export const ZONE_EXISTS: ErrorKind = kind(400, 1061, "{name} already exists.", "API", "text");
export const INVALID_ZONE_NAME: ErrorKind = kind(
  400,
  1001,
  "'{name}' is not a domain name, such as example.com.",
  "API",
  "code",
);
export const NAMESPACE_NOT_FOUND: ErrorKind = kind(
  404,
  10066,
  "There is no Durable Object namespace '{id}' on your account.",
  "cloudflare SDK",
  "code",
);

import { type ErrorKind, kind } from "./kind.ts";

const OURS = "the local cloud";
const DOCS = "https://developers.cloudflare.com/workers/configuration/versions-and-deployments";

// Versions
export const VERSION_NOT_FOUND: ErrorKind = kind(
  404,
  100146,
  "There is no version '{id}' of this Worker.",
  "cloudflare SDK",
  "code",
);
export const MIGRATION_IN_VERSION: ErrorKind = {
  ...kind(
    400,
    10211,
    "Version upload failed. You attempted to upload a version of a Worker that includes a Durable Object migration, but migrations must be fully applied via a non-versioned deployment. Refer to the documentation for more information.",
    "cloudflare-docs #32982",
    "text",
  ),
  documentationUrl: `${DOCS}/gradual-deployments/#gradual-deployments-for-durable-objects`,
};

// Deployments
export const DEPLOYMENT_NOT_FOUND: ErrorKind = kind(
  404,
  10336,
  "There is no deployment '{id}' of this Worker.",
  "cloudflare SDK",
  "code",
);
export const INVALID_DEPLOYMENT: ErrorKind = kind(400, 10021, "{reason}", OURS, "no");
export const MIGRATION_BETWEEN_VERSIONS: ErrorKind = {
  ...kind(
    400,
    10079,
    "Cannot deploy version '{id}': it was uploaded at the Durable Object migration tag '{got}', and the Worker is at '{expected}'. A Durable Object migration has occurred between the version in the active deployment and the version selected.",
    "Cloudflare docs; the code is ours",
    "no",
  ),
  documentationUrl: `${DOCS}/rollbacks/#bindings`,
};
export const CLASSES_BETWEEN_VERSIONS: ErrorKind = {
  ...kind(
    400,
    10079,
    "Cannot deploy version '{id}': a Durable Object class lifecycle change has occurred between the version in the active deployment and the version selected.",
    "Cloudflare docs; the code is ours",
    "no",
  ),
  documentationUrl: `${DOCS}/rollbacks/#bindings`,
};
export const SECRETS_CHANGED: ErrorKind = kind(
  400,
  10220,
  "A secret has changed since this version was active. If you are sure this is ok, add a ?force=true query parameter to allow the rollback. The following secrets have changed: {names}",
  "workers-sdk tests",
  "text",
);
export const ACTIVE_DEPLOYMENT: ErrorKind = kind(
  400,
  10021,
  "Deployment '{id}' is the latest one, which serves, and cannot be deleted.",
  "Cloudflare docs; the code is ours",
  "no",
);

// Workers and their versions by the newer API
export const WORKER_EXISTS: ErrorKind = kind(
  409,
  10040,
  "A Worker named '{name}' already exists on your account.",
  OURS,
  "no",
);
export const BETA_VERSION_NOT_FOUND: ErrorKind = kind(
  404,
  10071,
  "There is no version '{id}' of this Worker.",
  "cloudflare SDK",
  "code",
);
export const NO_VERSIONS: ErrorKind = kind(
  404,
  10222,
  "This Worker has no versions, which means this Worker has no content or versioned settings.",
  "workers-sdk tests",
  "text",
);
export const VERSION_SERVES: ErrorKind = kind(
  400,
  10021,
  "Version '{id}' is deployed and cannot be deleted. Deploy another one first.",
  OURS,
  "no",
);

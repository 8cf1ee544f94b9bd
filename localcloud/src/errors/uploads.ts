import { type ErrorKind, kind } from "./kind.ts";

const OURS = "the local cloud";

// Uploads
export const UNSUPPORTED_CONTENT_TYPE: ErrorKind = kind(
  415,
  10001,
  "Content-Type must be one of: application/javascript, text/javascript, multipart/form-data; got '{value}'.",
  "API",
  "code",
);
export const INVALID_UPLOAD: ErrorKind = {
  ...kind(400, 10021, "{reason}", "cloudflare-typescript #2799", "code"),
  documentationUrl:
    "https://developers.cloudflare.com/workers/observability/errors/#validation-errors-10021",
};
export const INVALID_SCRIPT_NAME: ErrorKind = kind(
  400,
  10016,
  "workers.api.error.invalid_script_name: '{name}' must be 1 to 63 of a-z, 0-9, - and _, and must not begin with -.",
  "workers-docs #261",
  "code",
);
export const NO_EVENT_HANDLERS: ErrorKind = kind(
  400,
  10068,
  "The uploaded script has no registered event handlers.",
  "alchemy",
  "code",
);
export const MISSING_INHERITED_BINDING: ErrorKind = kind(
  400,
  10057,
  "Binding '{name}' cannot be inherited: the previous version has no binding '{from}'.",
  "workers-sdk error-codes.ts",
  "code",
);
export const MISSING_SERVICE: ErrorKind = kind(
  400,
  10143,
  "Could not resolve service binding '{name}'. Target script '{service}' not found. Please verify the target script and try again.",
  "jonbeckman/solstatus #24",
  "text",
);
export const MISSING_ENTRYPOINT: ErrorKind = kind(
  400,
  10021,
  "Could not resolve service binding '{name}'. Target script '{service}' has no entrypoint '{entrypoint}': export it from the main module and deploy that first.",
  OURS,
  "no",
);
export const VARIABLE_TOO_LARGE: ErrorKind = kind(
  400,
  10054,
  "The variable or secret '{name}' has {bytes} bytes; it may have {limit}.",
  "Cloudflare docs (errors)",
  "code",
);
export const TOO_MANY_VARIABLES: ErrorKind = kind(
  400,
  10055,
  "The Worker has {count} variables and secrets; on the plan '{plan}' it may have {limit}.",
  "Cloudflare docs (errors)",
  "code",
);
export const BINDING_WITHOUT_NAME: ErrorKind = kind(
  400,
  10052,
  "Binding at index {index} must have a name.",
  "OpenListTeam/OpenList-Worker #35",
  "text",
);
export const MISSING_TAIL_WORKER: ErrorKind = kind(
  400,
  10203,
  "Tail Worker does not exist on this account. Check the Worker name and try again.",
  "workers-sdk #8275",
  "text",
);

export const UNSUPPORTED_BINDING: ErrorKind = kind(400, 10021, "{reason}", OURS, "no");
export const UNSUPPORTED_FIELD: ErrorKind = kind(
  400,
  10021,
  "{field} is not supported by the local cloud. Its README says what it has, and what it has not.",
  OURS,
  "no",
);

// Durable Object migrations and bindings
export const MIGRATION_TAG_MISMATCH: ErrorKind = kind(
  412,
  10079,
  "Actor migration tag precondition failed, got tag '{got}' when expected tag is '{expected}'. Please make sure the tags match and try again.",
  "pulumi-cloudflare #1215",
  "text",
);
export const FREE_PLAN_NEEDS_SQLITE: ErrorKind = kind(
  400,
  10097,
  "In order to use Durable Objects with a free plan, you must create a namespace using a `new_sqlite_classes` migration.",
  "workers-sdk #9909",
  "text",
);
export const CLASS_ALREADY_DEPENDED_ON: ErrorKind = kind(
  400,
  10074,
  "Cannot apply {migration} migration to class '{name}' that is already depended on by existing Durable Objects",
  "alchemy #1297",
  "text",
);
export const CLASS_MIGRATED_TWICE: ErrorKind = kind(
  400,
  10074,
  "Class '{name}' cannot be the target of more than one migration",
  "alchemy",
  "text",
);
export const CLASS_TO_MIGRATE_MISSING: ErrorKind = kind(
  400,
  10074,
  "Cannot apply {migration} migration to class '{name}' of script '{script}' that does not exist",
  OURS,
  "no",
);
export const MIGRATED_CLASS_NOT_EXPORTED: ErrorKind = kind(
  400,
  10070,
  "Cannot apply {migration} migration to class {name} that is not exported by script",
  "workers-sdk #4943",
  "text",
);
export const DEPENDED_ON_CLASS_NOT_EXPORTED: ErrorKind = kind(
  400,
  10064,
  "New version of script does not export class '{name}' which is depended on by existing Durable Objects. If you want to delete the class's Durable Objects, try a delete-class migration.",
  "workers-sdk",
  "text",
);
export const BINDING_CLASS_NOT_CONFIGURED: ErrorKind = kind(
  400,
  10061,
  "Cannot create binding for class '{name}' because it is not currently configured to implement Durable Objects. Ensure a --new-class migration has been applied to it.",
  "workers-sdk #10246",
  "text",
);
export const BINDING_CLASS_NOT_EXPORTED: ErrorKind = kind(
  400,
  10061,
  "Cannot create binding for class '{name}' that is not exported by script '{script}'.",
  "alchemy",
  "text",
);
export const BINDING_SCRIPT_MISSING: ErrorKind = kind(
  400,
  10061,
  "Cannot create binding for class '{name}' in script '{script}' that does not exist.",
  "alchemy",
  "text",
);
export const DELETED_CLASS_STILL_BOUND: ErrorKind = kind(
  400,
  10061,
  "Cannot apply --delete-class migration to class '{name}' without also removing the binding that references it.",
  "Cloudflare docs; workers-sdk #8203",
  "text",
);

// Declared Durable Object classes
export const EXPORTS_NOT_RECONCILED: ErrorKind = kind(
  400,
  100402,
  "Durable Object exports reconciliation failed: {reason}",
  "workers-sdk error-codes.ts",
  "code",
);
export const EXPORTS_AND_MIGRATIONS: ErrorKind = kind(
  400,
  10021,
  "'exports' and 'migrations' are mutually exclusive. {why}",
  "Cloudflare docs",
  "no",
);
export const CLASSES_IN_VERSION: ErrorKind = {
  ...kind(
    400,
    10211,
    "Version upload failed. You attempted to upload a version of a Worker that changes Durable Object classes ({classes}), but such changes must be fully applied via a non-versioned deployment. Refer to the documentation for more information.",
    "cloudflare-docs #33058",
    "code",
  ),
  documentationUrl:
    "https://developers.cloudflare.com/workers/versions-and-deployments/gradual-deployments/with-durable-objects/",
};
export const BINDING_NEEDS_EXPORT: ErrorKind = kind(
  400,
  100406,
  "Binding '{name}' depends on the class '{className}', which 'exports' declares and which no deployment has provisioned yet.",
  "workers-sdk error-codes.ts",
  "code",
);
export const EXPORTS_DIFFER: ErrorKind = kind(
  400,
  100405,
  "The versions of a deployment must declare the same Durable Object classes; '{id}' does not declare those of '{other}'.",
  "workers-sdk error-codes.ts",
  "code",
);

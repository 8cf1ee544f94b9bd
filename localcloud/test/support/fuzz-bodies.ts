import type { Json } from "./fuzz.ts";

const METADATA = {
  main_module: "worker.js",
  compatibility_date: "2026-09-01",
  compatibility_flags: ["nodejs_compat"],
  bindings: [{ type: "secret_text", name: "KEY", text: "hush" }],
  keep_bindings: ["plain_text"],
  placement: {},
  limits: { cpu_ms: 50 },
  annotations: { "workers/message": "hello" },
  logpush: false,
  tags: ["a"],
  tail_consumers: [{ service: "app" }],
  observability: { enabled: true },
};

const MIGRATIONS = {
  old_tag: "v0",
  new_tag: "v1",
  steps: [
    {
      new_classes: ["A"],
      new_sqlite_classes: ["B"],
      renamed_classes: [{ from: "C", to: "D" }],
      transferred_classes: [{ from: "E", from_script: "other", to: "F" }],
      deleted_classes: ["G"],
    },
  ],
};

const CLASSES = {
  A: { type: "durable-object", storage: "sqlite" },
  B: { type: "durable-object", state: "deleted" },
  C: { type: "durable-object", state: "renamed", renamed_to: "D" },
};

const BINDINGS = [
  { type: "durable_object_namespace", name: "A", class_name: "Room", script_name: "app" },
  { type: "service", name: "B", service: "app", entrypoint: "default" },
  { type: "ratelimit", name: "C", namespace_id: "1", simple: { limit: 1, period: 10 } },
  { type: "json", name: "D", json: { a: [1] } },
  { type: "inherit", name: "E", old_name: "F", version_id: "latest" },
];

/** Metadata of uploads: between them, every field that is read. */
export const UPLOADS: readonly Json[] = [
  METADATA,
  { main_module: "worker.js", migrations: MIGRATIONS },
  { main_module: "worker.js", exports: CLASSES },
  { main_module: "worker.js", bindings: BINDINGS },
];

const { main_module: _, ...SETTINGS } = METADATA;

const MODULES = [
  {
    name: "worker.js",
    content_type: "application/javascript+module",
    content_base64: Buffer.from("export default { fetch() {} };").toString("base64"),
  },
];

const RECORD = {
  type: "MX",
  name: "x",
  content: "y",
  ttl: 60,
  proxied: false,
  priority: 1,
  comment: "z",
  tags: ["a:b"],
  settings: {},
};
const ROUTE = { pattern: "localhost/*", script: "app" };
const ROUTES = [{ pattern: "localhost/a", zone_name: "localhost", zone_id: null }];
const DOMAIN = {
  hostname: "a.localhost",
  service: "app",
  environment: "production",
  zone_name: "localhost",
  override_existing_origin: true,
  override_existing_dns_record: true,
};
const WORKER = {
  name: "app",
  logpush: false,
  observability: { enabled: true },
  subdomain: { enabled: true, previews_enabled: false },
  tags: ["a"],
  tail_consumers: [{ name: "app" }],
};
const SCRIPT_SETTINGS = {
  logpush: false,
  observability: { enabled: true },
  tags: ["a"],
  tail_consumers: [{ service: "app" }],
};
const DEPLOYMENT = {
  strategy: "percentage",
  versions: [{ version_id: "none", percentage: 100 }],
  annotations: { "workers/message": "hello" },
};
const SECRET = { name: "KEY", text: "hush", type: "secret_text" };
const FILTERS = [
  { sampling_rate: 0.5 },
  { outcome: ["ok"] },
  { method: ["GET"] },
  { header: { key: "a", query: "b" } },
  { client_ip: ["self"] },
  { query: "x" },
  { scriptVersion: "x" },
];

const WORKERS = "/accounts/:account/workers";

/** Good bodies of every endpoint that takes JSON and starts nothing: cheap to ask. */
export const BODIES: Readonly<Record<string, Json>> = {
  "POST /zones": { name: "a.example", account: { id: "none" } },
  "POST /zones/:zone/dns_records": RECORD,
  "PUT /zones/:zone/dns_records/:record": RECORD,
  "PATCH /zones/:zone/dns_records/:record": RECORD,
  "POST /zones/:zone/workers/routes": ROUTE,
  "PUT /zones/:zone/workers/routes/:route": ROUTE,
  [`POST ${WORKERS}/scripts/:script/subdomain`]: { enabled: true, previews_enabled: false },
  [`POST ${WORKERS}/scripts/:script/deployments`]: DEPLOYMENT,
  [`PATCH ${WORKERS}/scripts/:script/script-settings`]: SCRIPT_SETTINGS,
  [`PUT ${WORKERS}/scripts/:script/schedules`]: [{ cron: "0 0 * * *" }],
  [`POST ${WORKERS}/scripts/:script/tails`]: { filters: FILTERS },
  [`PUT ${WORKERS}/scripts/:script/routes`]: ROUTES,
  [`POST ${WORKERS}/scripts/:script/domains/changeset`]: [DOMAIN],
  [`PUT ${WORKERS}/scripts/:script/domains/records`]: { origins: [DOMAIN] },
  [`POST ${WORKERS}/workers`]: WORKER,
  [`PATCH ${WORKERS}/workers/:worker`]: WORKER,
  [`PUT ${WORKERS}/workers/:worker`]: WORKER,
  [`PUT ${WORKERS}/subdomain`]: { subdomain: "local" },
  [`PUT ${WORKERS}/domains`]: DOMAIN,
};

/** Those that start what they are given. */
export const STARTING: Readonly<Record<string, Json>> = {
  [`PATCH ${WORKERS}/scripts/:script/settings`]: SETTINGS,
  [`PUT ${WORKERS}/scripts/:script/secrets`]: SECRET,
  [`PATCH ${WORKERS}/scripts/:script/secrets-bulk`]: { secrets: { KEY: SECRET, OLD: null } },
  [`POST ${WORKERS}/workers/:worker/versions`]: { ...METADATA, modules: MODULES },
  [`PATCH ${WORKERS}/workers/:worker/versions/latest`]: { env: { KEY: SECRET, OLD: null } },
};

/** Those that take a form with metadata. */
export const FORMS: readonly string[] = [
  `PUT ${WORKERS}/scripts/:script`,
  `POST ${WORKERS}/scripts/:script/versions`,
];

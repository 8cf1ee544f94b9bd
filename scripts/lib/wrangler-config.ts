import type { StackConfig } from "../../infra/src/config.ts";
import { isZoneId, type Exposure } from "../../infra/src/exposure-config.ts";
import { LEDGER, type Migration } from "../../infra/src/ledger.ts";
import { scriptInputs, type ScriptInputs } from "../../infra/src/script-inputs.ts";

export interface WranglerConfigOptions {
  /** The bundle, relative to the config's folder. */
  readonly main: string;
  /** Shell command that makes the bundle, run in `root`. */
  readonly buildCommand: string;
  /** The checkout, relative to the config's folder. */
  readonly root: string;
  /** Whether to name the account; an encrypted ID stays out. */
  readonly withAccount: boolean;
}

type Json = { readonly [key: string]: unknown };

/**
 * Wrangler's config of what the Pulumi program deploys for a stack: made from the same inputs, so that
 * the two cannot drift apart.
 * @see https://developers.cloudflare.com/workers/wrangler/configuration/
 */
export function wranglerConfig(config: StackConfig, options: WranglerConfigOptions): Json {
  const { main, root, buildCommand, withAccount } = options;
  const inputs = scriptInputs({ ...config, bundle: { path: main, sha256: "" } });
  return {
    $schema: `${root}/node_modules/wrangler/config-schema.json`,
    ...(withAccount ? { account_id: config.accountId } : {}),
    ...scriptPart(inputs),
    // The same bytes as the program uploads: wrangler does not bundle.
    main,
    no_bundle: true,
    build: { command: buildCommand, cwd: root },
    migrations: LEDGER.map(migration),
    ...exposurePart(config.exposure),
  };
}

/** What the program does for a stack and wrangler does not; for the person who deploys. */
export function leftToDo({ exposure, protect }: StackConfig): string[] {
  const { route } = exposure;
  return [
    ...(route?.manageDns === true
      ? [
          `make the DNS record of the route (manageDns): name ${route.host}, type AAAA, content 100::, proxied`,
        ]
      : []),
    ...(protect
      ? ["take care not to delete or rename the Worker: nothing refuses it (protect is Pulumi's)"]
      : []),
  ];
}

function scriptPart(inputs: ScriptInputs): Json {
  const {
    scriptName,
    compatibilityDate,
    compatibilityFlags,
    bindings,
    observability,
    // Said by `main`; and wrangler keeps secrets, and deletes only when told to.
    mainModule: _module,
    contentFile: _file,
    contentSha256: _sha256,
    keepBindings: _keep,
    force: _force,
    ...unsaid
  } = inputs;
  // This does not compile when the program sends something that is not said here.
  const nothing: { readonly [key: string]: never } = unsaid;
  return {
    ...nothing,
    name: scriptName,
    compatibility_date: compatibilityDate,
    compatibility_flags: compatibilityFlags,
    ...bindingsPart(bindings),
    observability: snakeKeys(observability),
  };
}

function bindingsPart(bindings: ScriptInputs["bindings"]): Json {
  const objects: Json[] = [];
  const limits: Json[] = [];
  const vars: { [name: string]: unknown } = {};
  for (const { type, name, className, json, namespaceId, simple } of bindings) {
    if (type === "json" && json !== undefined) vars[name] = jsonVar(name, json);
    else if (type === "durable_object_namespace") objects.push({ name, class_name: className });
    else if (type === "ratelimit") limits.push({ name, namespace_id: namespaceId, simple });
    else
      throw new Error(`binding ${name}: type '${type}' has no spelling here in wrangler's config`);
  }
  return { durable_objects: { bindings: objects }, vars, ratelimits: limits };
}

/** Wrangler makes a `json` binding of anything but a string, which would become plain text. */
function jsonVar(name: string, json: string): unknown {
  const value: unknown = JSON.parse(json);
  if (typeof value !== "string") return value;
  throw new Error(`binding ${name}: wrangler cannot send a string as JSON`);
}

function migration(entry: Migration): Json {
  const { tag, newSqliteClasses, renamedClasses, deletedClasses } = entry;
  return {
    tag,
    ...(newSqliteClasses === undefined ? {} : { new_sqlite_classes: newSqliteClasses }),
    ...(renamedClasses === undefined ? {} : { renamed_classes: renamedClasses }),
    ...(deletedClasses === undefined ? {} : { deleted_classes: deletedClasses }),
  };
}

function exposurePart({ customDomain, route, zone, workersDev }: Exposure): Json {
  const inZone = zone === undefined ? {} : isZoneId(zone) ? { zone_id: zone } : { zone_name: zone };
  const routes = [
    ...(customDomain === undefined
      ? []
      : [{ pattern: customDomain, custom_domain: true, ...inZone }]),
    ...(route === undefined ? [] : [{ pattern: route.pattern, ...inZone }]),
  ];
  return {
    workers_dev: workersDev,
    preview_urls: false,
    ...(routes.length === 0 ? {} : { routes }),
  };
}

function snakeKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeKeys(item),
    ]),
  );
}

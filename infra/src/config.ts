import {
  DEFAULT_LIMITS,
  JURISDICTIONS,
  LOCATION_HINTS,
  parseOrigins,
  parseSettings,
  type Settings,
} from "@visitor-tracker/protocol";
import { nearest, type Problem } from "./config-problems.ts";
import { ConfigReader, type ConfigSource } from "./config-reader.ts";
import { readExposure, type Exposure } from "./exposure-config.ts";
import { readLocalCloud, type LocalCloud } from "./local-cloud-config.ts";

/** Stack whose resources live in the local cloud. */
const LOCAL_STACK = "local";
/** Stack whose script is protected unless config says otherwise. */
const PRODUCTION_STACK = "prod";

/** Every key of the project's namespace. */
export const CONFIG_KEYS = [
  "accountId",
  "allowedOrigins",
  "customDomain",
  "route",
  "zone",
  "manageDns",
  "workersDev",
  "scriptName",
  "protect",
  "allowDataLoss",
  "demo",
  "pageQuery",
  "siteCount",
  "limits",
  "locationHint",
  "jurisdiction",
  "cloudflareBaseUrl",
  "edgeUrl",
] as const;

/** The key that may be encrypted; it stays a secret in the state. The others are public by nature. */
const SECRET_KEY = "accountId";

/** A stack's config, checked and complete. */
export interface StackConfig {
  /** 32 hexadecimal digits. */
  readonly accountId: string;
  /** Without duplicates, sorted, so that only a change of the set is a change. */
  readonly allowedOrigins: readonly string[];
  readonly scriptName: string;
  readonly exposure: Exposure;
  /** What the Worker gets as its `SETTINGS`. */
  readonly settings: Settings;
  /** Whether the engine refuses to delete or replace the script. */
  readonly protect: boolean;
  /** Name of a script that this update may destroy. */
  readonly allowDataLoss?: string;
  /** Set when the stack is deployed to the local cloud. */
  readonly localCloud?: LocalCloud;
}

export type ParsedConfig =
  | { readonly config: StackConfig; readonly problems: readonly [] }
  | { readonly config?: undefined; readonly problems: readonly Problem[] };

/** Checks a stack's config as a whole: nothing that is wrong is left for the next run to find. */
export function parseConfig(source: ConfigSource): ParsedConfig {
  const reader = new ConfigReader(source);
  reportKeys(reader, source);
  const accountId = readAccountId(reader);
  const allowedOrigins = readAllowedOrigins(reader);
  const exposure = readExposure(reader);
  const protect = reader.boolean("protect", source.stack === PRODUCTION_STACK);
  const allowDataLoss = readAllowDataLoss(reader, protect);
  const localCloud = readLocalCloud(reader, source.stack === LOCAL_STACK);
  const config: StackConfig = {
    accountId,
    allowedOrigins,
    scriptName: readScriptName(reader),
    exposure,
    settings: readSettings(reader, exposure.route?.basePath ?? ""),
    protect,
    ...(allowDataLoss === undefined ? {} : { allowDataLoss }),
    ...(localCloud === undefined ? {} : { localCloud }),
  };
  return reader.problems.length > 0 ? { problems: reader.problems } : { config, problems: [] };
}

/**
 * Name of the script unless config says otherwise. Every stack has one of its own, since two stacks
 * of one account would otherwise overwrite each other's.
 */
export function defaultScriptName(stack: string): string {
  if (stack === PRODUCTION_STACK) return "visitor-tracker";
  return `visitor-tracker-${toScriptName(stack)}`.slice(0, 63);
}

function reportKeys(reader: ConfigReader, { values }: ConfigSource): void {
  const known: readonly string[] = CONFIG_KEYS;
  for (const key of Object.keys(values)) {
    if (!known.includes(key)) {
      reader.report(
        key,
        `is not a key of this project; did you mean ${nearest(key, known) ?? known.join(", ")}?`,
        reader.remove(key),
      );
    } else if (reader.isSecret(key) && key !== SECRET_KEY) {
      reader.report(
        key,
        "is encrypted, but visitors can see it anyway, and previews could not show its changes; set it again without --secret",
        reader.set(key, "<value>"),
      );
    }
  }
}

function readAccountId(reader: ConfigReader): string {
  const value = reader.text("accountId");
  if (value !== undefined && /^[\da-f]{32}$/.test(value)) return value;
  const example = "0123456789abcdef0123456789abcdef";
  const hint = "the account's ID, 32 hexadecimal digits in lower case";
  reader.report(
    "accountId",
    value === undefined
      ? `is not set; it is ${hint}, and stands in the dashboard's address: dash.cloudflare.com/<account ID>`
      : `${reader.show("accountId")} is not ${hint} (in YAML, in quotes)`,
    reader.set("accountId", example),
  );
  return example;
}

function readAllowedOrigins(reader: ConfigReader): readonly string[] {
  if (!reader.has("allowedOrigins")) {
    reader.report(
      "allowedOrigins",
      "is not set; list the sites whose pages may count visitors",
      reader.set("allowedOrigins[0]", "https://example.com"),
    );
    return [];
  }
  const entries = reader.structure("allowedOrigins");
  if (!Array.isArray(entries) || entries.length === 0) {
    for (const error of parseOrigins(entries).errors) {
      const list = JSON.stringify([suggestOrigin(entries)]);
      reader.report("allowedOrigins", error, reader.set("allowedOrigins", list));
    }
    return [];
  }
  for (const [index, entry] of entries.entries()) {
    for (const error of parseOrigins([entry]).errors) {
      const path = `allowedOrigins[${index}]`;
      reader.report("allowedOrigins", error, reader.set(path, suggestOrigin(entry)));
    }
  }
  return [...new Set(entries.map(String))].toSorted();
}

/** An origin that can be used, as close to `entry` as a parser gets. */
function suggestOrigin(entry: unknown): string {
  const text = typeof entry === "string" ? entry.trim() : "";
  const url = URL.parse(/^https?:\/\//i.test(text) ? text : `https://${text}`);
  if (url === null || text === "") return "https://example.com";
  return parseOrigins([url.origin]).errors.length === 0 ? url.origin : "https://example.com";
}

function readScriptName(reader: ConfigReader): string {
  const value = reader.text("scriptName") ?? defaultScriptName(reader.stack);
  if (isScriptName(value)) return value;
  reader.report(
    "scriptName",
    `${reader.show("scriptName")} cannot name a script (lower-case letters, digits, _ and -, no - in front, at most 63)`,
    reader.set("scriptName", toScriptName(value) || defaultScriptName(reader.stack)),
  );
  return value;
}

function readAllowDataLoss(reader: ConfigReader, protect: boolean): string | undefined {
  const value = reader.text("allowDataLoss");
  if (value === undefined) return undefined;
  if (!isScriptName(value)) {
    reader.report(
      "allowDataLoss",
      `${reader.show("allowDataLoss")} is not the name of a script; it names the one that may be destroyed`,
      reader.remove("allowDataLoss"),
    );
  } else if (protect) {
    reader.report(
      "allowDataLoss",
      `'${value}' has no effect while the script is protected; take the protection off in an update of its own first`,
      reader.set("protect", "false"),
    );
  }
  return value;
}

function readSettings(reader: ConfigReader, basePath: string): Settings {
  const demo = reader.boolean("demo", reader.stack === LOCAL_STACK);
  const siteCount = reader.boolean("siteCount", false);
  const given: { [key: string]: unknown } = { demo, basePath, siteCount };
  const examples = {
    pageQuery: '["id"]',
    limits: '{"tabsPerVisitor":8}',
    locationHint: LOCATION_HINTS[0],
    jurisdiction: JURISDICTIONS[0],
  };
  for (const [key, example] of Object.entries(examples)) {
    if (!reader.has(key)) continue;
    given[key] = reader.structure(key);
    for (const error of parseSettings({ [key]: given[key] }).errors) {
      const path = /^[\w.-]+/.exec(error)?.[0] ?? key;
      reader.report(
        path,
        error.slice(path.length).replace(/^:? /, ""),
        fixSetting(reader, path, example),
      );
    }
  }
  return parseSettings(given).settings;
}

/** @param path a key, or one of `limits` such as `limits.tabsPerVisitor` */
function fixSetting(reader: ConfigReader, path: string, example: string): string {
  const limits: { readonly [name: string]: number } = { ...DEFAULT_LIMITS };
  const [, name] = path.split(".");
  if (name === undefined) return reader.set(path, example);
  const standard = limits[name];
  return standard === undefined ? reader.remove(path) : reader.set(path, String(standard));
}

function isScriptName(value: string): boolean {
  return /^[a-z\d_][a-z\d_-]{0,62}$/.test(value);
}

function toScriptName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z\d_-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63);
}

import {
  DEFAULT_LIMITS,
  JURISDICTIONS,
  LOCATION_HINTS,
  parseOrigins,
  parseSettings,
  parseUrl,
  type Settings,
} from "@visitor-tracker/protocol";
import type { Adoption } from "./adoption.ts";
import { nearest, type Problem } from "./config-problems.ts";
import { ConfigReader, type ConfigSource } from "./config-reader.ts";
import { readAdoption, readAllowDataLoss } from "./consent-config.ts";
import { readExposure, type Exposure } from "./exposure-config.ts";
import { readLocalCloud, type LocalCloud } from "./local-cloud-config.ts";
import { defaultScriptName, PRODUCTION_STACK, readScriptName } from "./script-name.ts";
import { configWords } from "./setting-words.ts";

/** Stack whose resources live in the local cloud. */
const LOCAL_STACK = "local";

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
  "adopt",
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

/** What a deployment is made of, checked and complete. */
export interface TrackerConfig {
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
  /** Names of scripts and Durable Object classes that this update may destroy. */
  readonly allowDataLoss: readonly string[];
  /** Script of something else that this update may take over. */
  readonly adopt?: Adoption;
}

/** A stack's config, checked and complete. */
export interface StackConfig extends TrackerConfig {
  /** Set when the stack is deployed to the local cloud. */
  readonly localCloud?: LocalCloud;
}

export type ParsedConfig =
  | { readonly config: StackConfig; readonly problems: readonly [] }
  | { readonly config?: undefined; readonly problems: readonly Problem[] };

/** What depends on the stack unless it is set. */
export interface TrackerDefaults {
  readonly scriptName: string;
  readonly protect: boolean;
  readonly demo: boolean;
}

/** Checks a stack's config as a whole: nothing that is wrong is left for the next run to find. */
export function parseConfig(source: ConfigSource): ParsedConfig {
  const { stack } = source;
  const reader = new ConfigReader(source, configWords(stack));
  const tracker = readTracker(reader, CONFIG_KEYS, {
    scriptName: defaultScriptName("visitor-tracker", stack),
    protect: stack === PRODUCTION_STACK,
    demo: stack === LOCAL_STACK,
  });
  const localCloud = readLocalCloud(reader, stack === LOCAL_STACK);
  if (reader.problems.length > 0) return { problems: reader.problems };
  return { config: { ...tracker, ...(localCloud && { localCloud }) }, problems: [] };
}

/**
 * Reads what a deployment is made of, and reports what is wrong.
 * @param keys that may be set
 */
export function readTracker(
  reader: ConfigReader,
  keys: readonly string[],
  defaults: TrackerDefaults,
): TrackerConfig {
  reportKeys(reader, keys);
  const accountId = readAccountId(reader);
  const allowedOrigins = readAllowedOrigins(reader);
  const exposure = readExposure(reader);
  const protect = reader.boolean("protect", defaults.protect);
  const adopt = readAdoption(reader);
  return {
    accountId,
    allowedOrigins,
    scriptName: readScriptName(reader, defaults.scriptName),
    exposure,
    settings: readSettings(reader, exposure.route?.basePath ?? "", defaults.demo),
    protect,
    allowDataLoss: readAllowDataLoss(reader, protect),
    ...(adopt === undefined ? {} : { adopt }),
  };
}

function reportKeys(reader: ConfigReader, known: readonly string[]): void {
  for (const key of reader.keys()) {
    if (!known.includes(key)) {
      reader.report(
        key,
        `is not a setting of ${reader.words.owner}; did you mean ${nearest(key, known) ?? known.join(", ")}?`,
        reader.remove(key),
      );
    } else if (reader.isSecret(key) && key !== SECRET_KEY) {
      reader.report(
        key,
        "is a secret, but visitors can see it anyway, and previews could not show its changes; set it in clear",
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
      : `${reader.show("accountId")} is not ${hint}${isYamlNumber(value) ? " (in YAML, in quotes)" : ""}`,
    reader.set("accountId", example),
  );
  return example;
}

/** Whether a number that is too long for YAML has lost its digits. */
function isYamlNumber(value: string): boolean {
  return /^\d[\d.]*e\+\d+$/.test(value);
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
  const url = parseUrl(/^https?:\/\//i.test(text) ? text : `https://${text}`);
  if (url === null || text === "") return "https://example.com";
  return parseOrigins([url.origin]).errors.length === 0 ? url.origin : "https://example.com";
}

function readSettings(reader: ConfigReader, basePath: string, isDemo: boolean): Settings {
  const demo = reader.boolean("demo", isDemo);
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

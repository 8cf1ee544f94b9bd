import {
  type OriginRule,
  type Settings,
  parseOrigins,
  parseSettings,
} from "@visitor-tracker/protocol";
import type { PageCounter } from "./page-counter.ts";
import type { SiteDirectory } from "./site-directory.ts";

/** Bindings of this Worker. */
export interface Env {
  readonly PAGE_COUNTER: DurableObjectNamespace<PageCounter>;
  /** Only read with `siteCount: true`. */
  readonly SITE_DIRECTORY: DurableObjectNamespace<SiteDirectory>;
  /** List of origin entries, as `parseOrigins` takes them. */
  readonly ALLOWED_ORIGINS: unknown;
  /** Object, as `parseSettings` takes it; every key has a default. */
  readonly SETTINGS?: unknown;
  /** Upgrades from one address; without this binding they are not limited. */
  readonly RATE_LIMIT?: RateLimit;
  /** Counts that objects are asked for one address; without this binding they are not limited. */
  readonly READ_LIMIT?: RateLimit;
}

export interface Config {
  readonly origins: readonly OriginRule[];
  readonly settings: Settings;
}

const CONFIGS = new WeakMap<Env, Config>();

/**
 * Reads the bindings, once per isolate. Never throws: an entry that cannot be used allows nothing,
 * a setting has its default, and the log says why. A deployment is refused before it gets here.
 */
export function readConfig(env: Env): Config {
  const known = CONFIGS.get(env);
  if (known !== undefined) return known;
  const { rules, errors } = parseOrigins(env.ALLOWED_ORIGINS);
  for (const error of errors) console.error(`ALLOWED_ORIGINS: ${error}`);
  const { settings, errors: settingErrors } = parseSettings(env.SETTINGS);
  for (const error of settingErrors) console.error(`SETTINGS: ${error}`);
  const config = { origins: rules, settings };
  CONFIGS.set(env, config);
  return config;
}

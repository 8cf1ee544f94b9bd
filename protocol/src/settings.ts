import { DEFAULT_LIMITS, LIMIT_BOUNDS, type Limits } from "./limits.ts";

/** Where an object may be placed, as Cloudflare names it. Honoured when a page is first visited. */
export const LOCATION_HINTS = [
  "wnam",
  "enam",
  "sam",
  "weur",
  "eeur",
  "apac",
  "oc",
  "afr",
  "me",
] as const;
export const JURISDICTIONS = ["eu", "fedramp"] as const;

/** The Worker's `SETTINGS` binding. */
export interface Settings {
  /** Whether `/` shows the demo page. @default false */
  readonly demo: boolean;
  /** Path before `/ws` and the others, e.g. `/live`; empty for none. @default "" */
  readonly basePath: string;
  /** Query parameters that tell pages apart. @default [] */
  readonly pageQuery: readonly string[];
  /** Whether pages report their counts, so that the total of a site can be read. @default false */
  readonly siteCount: boolean;
  readonly limits: Limits;
  readonly locationHint?: (typeof LOCATION_HINTS)[number];
  readonly jurisdiction?: (typeof JURISDICTIONS)[number];
}

export interface ParsedSettings {
  /** Complete: what was wrong or absent has its default. */
  readonly settings: Settings;
  /** One sentence for each value that cannot be used: key, value, what to do. */
  readonly errors: readonly string[];
}

const KEYS = [
  "demo",
  "basePath",
  "pageQuery",
  "siteCount",
  "limits",
  "locationHint",
  "jurisdiction",
];

/** Fills in and checks settings from stack config or a binding. Never throws. */
export function parseSettings(input: unknown): ParsedSettings {
  const errors: string[] = [];
  const given = isRecord(input) ? input : {};
  if (input !== undefined && !isRecord(input)) errors.push(`${show(input)} is not an object`);
  for (const key of Object.keys(given)) {
    if (!KEYS.includes(key)) errors.push(`${key} is unknown; known are ${KEYS.join(", ")}`);
  }
  function pick<T>(
    key: string,
    isValid: (value: unknown) => value is T,
    fix: string,
  ): T | undefined {
    const value = given[key];
    if (value === undefined || isValid(value)) return value;
    errors.push(`${key}: ${show(value)} cannot be used; ${fix}`);
    return undefined;
  }
  const hints = `use one of ${LOCATION_HINTS.join(", ")}`;
  const locationHint = pick("locationHint", isOneOf(LOCATION_HINTS), hints);
  const areas = `use one of ${JURISDICTIONS.join(", ")}`;
  const jurisdiction = pick("jurisdiction", isOneOf(JURISDICTIONS), areas);
  const settings: Settings = {
    demo: pick("demo", isBoolean, "use true or false") ?? false,
    basePath: pick("basePath", isBasePath, "use a path such as /live, without a final slash") ?? "",
    pageQuery: pick("pageQuery", isNames, 'use a list of parameter names such as ["id"]') ?? [],
    siteCount: pick("siteCount", isBoolean, "use true or false") ?? false,
    limits: parseLimits(given["limits"], errors),
    ...(locationHint === undefined ? {} : { locationHint }),
    ...(jurisdiction === undefined ? {} : { jurisdiction }),
  };
  return { settings, errors };
}

function parseLimits(input: unknown, errors: string[]): Limits {
  if (input === undefined) return DEFAULT_LIMITS;
  if (!isRecord(input)) {
    errors.push(`limits: ${show(input)} is not an object; use {"tabsPerVisitor": 8}`);
    return DEFAULT_LIMITS;
  }
  const limits: Record<string, number> = { ...DEFAULT_LIMITS };
  const bounds: { readonly [name: string]: readonly [number, number] } = LIMIT_BOUNDS;
  for (const [name, value] of Object.entries(input)) {
    const [min, max] = (Object.hasOwn(bounds, name) ? bounds[name] : undefined) ?? [0, -1];
    if (max < min)
      errors.push(`limits.${name} is unknown; known are ${Object.keys(bounds).join(", ")}`);
    else if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max)
      limits[name] = Number(value);
    else
      errors.push(
        `limits.${name}: ${show(value)} cannot be used; use a whole number from ${min} to ${max}`,
      );
  }
  return { ...DEFAULT_LIMITS, ...limits };
}

function isRecord(value: unknown): value is { [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isBasePath(value: unknown): value is string {
  return typeof value === "string" && /^(\/[\w.~-]+)*$/.test(value);
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string" && name !== "");
}

function isOneOf<const T extends string>(values: readonly T[]): (value: unknown) => value is T {
  return (value): value is T => values.some((known) => known === value);
}

function show(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A bigint, or an object that contains itself.
    return `a ${typeof value}`;
  }
}

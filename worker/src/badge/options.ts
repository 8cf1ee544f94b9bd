import { quote } from "../http.ts";
import { COLOR_NAMES, parseColor } from "./color.ts";

const BADGE_STYLES = ["flat", "flat-square", "plastic", "for-the-badge"] as const;
/** `classic` is the grey and green that every README knows; `auto` follows the reader's system. */
const BADGE_THEMES = ["classic", "light", "dark", "auto"] as const;

const DEFAULT_LABEL = "visitors now";
const MAX_LABEL_LENGTH = 64;
const MAX_MINIMUM = 1_000_000;

/** How a badge looks, from the query of its address; what shields.io has is named as there. */
export interface BadgeOptions {
  /** Text before the number; empty for the number alone. @default "visitors now" */
  readonly label: string;
  /** @default "flat" */
  readonly style: (typeof BADGE_STYLES)[number];
  /** @default "classic" */
  readonly theme: (typeof BADGE_THEMES)[number];
  /** Background of the number, `#rrggbb`; null for the theme's. @default null */
  readonly color: string | null;
  /** Background of the label, `#rrggbb`; null for the theme's. @default null */
  readonly labelColor: string | null;
  /** A smaller count is shown as "<" and this. @default 0 */
  readonly minimum: number;
}

export interface ParsedBadgeOptions {
  /** Complete: what was wrong or absent has its default. */
  readonly options: BadgeOptions;
  /** One sentence for each parameter that cannot be used: name, value, what to do. */
  readonly errors: readonly string[];
}

/** Reads the query of a badge. Parameters that are not its own are left to others. Never throws. */
export function parseBadgeOptions(query: URLSearchParams): ParsedBadgeOptions {
  const errors: string[] = [];
  const options: BadgeOptions = {
    label: readLabel(query, errors),
    style: readOne("style", BADGE_STYLES, query, errors),
    theme: readOne("theme", BADGE_THEMES, query, errors),
    color: readColor("color", query, errors),
    labelColor: readColor("labelColor", query, errors),
    minimum: readMinimum(query, errors),
  };
  return { options, errors };
}

function readLabel(query: URLSearchParams, errors: string[]): string {
  const label = query.get("label")?.trim() ?? DEFAULT_LABEL;
  if (label.length > MAX_LABEL_LENGTH) {
    errors.push(`label ${quote(label)} is too long; use at most ${MAX_LABEL_LENGTH} characters`);
  } else if (/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(label)) {
    // XML has no way to write them.
    errors.push("label has control characters; use text of one line");
  } else {
    return label;
  }
  return DEFAULT_LABEL;
}

function readOne<const T extends string>(
  name: string,
  values: readonly [T, ...T[]],
  query: URLSearchParams,
  errors: string[],
): T {
  const value = query.get(name);
  const found = values.find((known) => known === value);
  if (found !== undefined || value === null) return found ?? values[0];
  errors.push(`${name} ${quote(value)} is unknown; use one of ${values.join(", ")}`);
  return values[0];
}

function readColor(name: string, query: URLSearchParams, errors: string[]): string | null {
  const value = query.get(name);
  if (value === null) return null;
  const color = parseColor(value);
  if (color !== null) return color;
  const digits = "use 3 or 6 hexadecimal digits such as 1a7f37";
  const names = COLOR_NAMES.join(", ");
  errors.push(`${name} ${quote(value)} is no color; ${digits}, or one of ${names}`);
  return null;
}

function readMinimum(query: URLSearchParams, errors: string[]): number {
  const value = query.get("minimum");
  if (value === null) return 0;
  const minimum = Number(value);
  if (/^\d+$/.test(value) && minimum <= MAX_MINIMUM) return minimum;
  errors.push(`minimum ${quote(value)} cannot be used; use a whole number up to ${MAX_MINIMUM}`);
  return 0;
}

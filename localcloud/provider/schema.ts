import { isEmpty, isObject, isSame } from "./values.ts";
import type { Properties, PropertyValue } from "./values.ts";

/** What one input of a resource may be, and what is special about it. */
export interface Field {
  readonly type: "string" | "integer" | "number" | "boolean" | ListType | ObjectType;
  readonly required?: true;
  /** A change makes a new resource. */
  readonly replace?: true;
  /** Part of the request's path, so never in its body. */
  readonly inPath?: true;
  /** Kept encrypted in the state and never reported by the API. */
  readonly secret?: true;
  /** Sent (or used), but never reported back by the API. */
  readonly writeOnly?: true;
  /** The API chooses a value when none is stated; what it chose is no difference to the program. */
  readonly filled?: true;
  /** What the API takes when none is stated. */
  readonly default?: PropertyValue;
  /** JSON text in the program, the value itself at the API. */
  readonly json?: true;
  /** Name at the API. @default the property's name in snake_case */
  readonly wire?: string;
}

interface ListType {
  readonly list: Field;
  /** The items are told apart by this property; otherwise by their place. */
  readonly key?: string;
  /** The order says nothing. */
  readonly unordered?: true;
}

interface ObjectType {
  readonly object: Fields;
}

export type Fields = Readonly<Record<string, Field>>;

/** The name of a property at the API. */
export function wireName(name: string, field: Field): string {
  return field.wire ?? snakeCase(name);
}

/** `newSqliteClasses` to `new_sqlite_classes`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `new_sqlite_classes` to `newSqliteClasses`. */
function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * What the API is sent for stated properties (secrets revealed, nothing unknown): its own names,
 * keys sorted, as the real provider writes them. Parts of the path are left out.
 */
export function toWire(fields: Fields, properties: Properties): Properties {
  const entries: [string, PropertyValue][] = [];
  for (const [name, field] of Object.entries(fields)) {
    const value = properties[name];
    if (field.inPath === true || value === undefined || value === null) continue;
    entries.push([wireName(name, field), toWireValue(field, value)]);
  }
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function toWireValue(field: Field, value: PropertyValue): PropertyValue {
  if (field.json === true && typeof value === "string") return parseJson(value) ?? null;
  if (typeof field.type === "string") return value;
  if ("list" in field.type) {
    const item = field.type.list;
    return Array.isArray(value) ? value.map((entry) => toWireValue(item, entry)) : value;
  }
  return isObject(value) && !Array.isArray(value) ? toWire(field.type.object, value) : value;
}

/** The value a JSON text stands for; undefined when it is not JSON. */
export function parseJson(text: string): PropertyValue | undefined {
  try {
    const value: PropertyValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** One reported value in the program's terms; undefined for what says nothing (null, "", [], {}). */
export function fromWireValue(field: Field, value: unknown): PropertyValue | undefined {
  if (field.json === true) return value === undefined ? undefined : JSON.stringify(value);
  if (Array.isArray(value)) {
    if (typeof field.type === "string" || !("list" in field.type)) return undefined;
    const item = field.type.list;
    const items = value.map((entry) => fromWireValue(item, entry)).filter((v) => v !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (isObject(value)) {
    if (typeof field.type === "string" || !("object" in field.type)) return undefined;
    const object = fromWire(field.type.object, value);
    return isEmpty(object) ? undefined : object;
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value === ""
      ? undefined
      : value
    : undefined;
}

/** Everything reported, in the program's terms. */
function fromWire(fields: Fields, reported: Record<string, unknown>): Properties {
  const result: Properties = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = fromWireValue(field, reported[wireName(name, field)]);
    if (value !== undefined) result[name] = value;
  }
  return result;
}

/** Any reported value with its keys in camelCase and its nulls left out. */
export function camelize(value: unknown): PropertyValue {
  if (Array.isArray(value)) return value.map(camelize);
  if (isObject(value)) {
    const entries = Object.entries(value).filter(([, entry]) => entry !== null);
    return Object.fromEntries(entries.map(([key, entry]) => [camelCase(key), camelize(entry)]));
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : null;
}

/** True when the value says what the API would do anyway. */
export function isDefault(field: Field, value: PropertyValue): boolean {
  return isEmpty(value) || (field.default !== undefined && isSame(field.default, value));
}

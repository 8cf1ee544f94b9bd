import { fromWireValue, isDefault, wireName } from "./schema.ts";
import type { Field, Fields } from "./schema.ts";
import { insideSecret, isObject, isSame, reveal, secret } from "./values.ts";
import type { Properties, PropertyValue } from "./values.ts";

/** Rules for list items that the program does not state. */
export interface ReconcileOptions {
  /** True for an unstated item that is no drift. */
  readonly isUnmanaged?: (item: Properties) => boolean;
}

/**
 * What a program would state to get what the API reports, as close to `stated` as that allows:
 * values the API reports in another form, does not report at all, or chose by itself stay as stated,
 * so that only a change made elsewhere shows.
 */
export function reconcile(
  fields: Fields,
  stated: Properties,
  reported: Record<string, unknown>,
  options: ReconcileOptions = {},
): Properties {
  const result: Properties = {};
  for (const [name, field] of Object.entries(fields)) {
    const before = stated[name];
    const wire = reported[wireName(name, field)];
    const unreported = wire === undefined || field.writeOnly === true || field.inPath === true;
    const after = unreported ? before : reconcileField(field, before, wire, options);
    if (after !== undefined) result[name] = after;
  }
  return result;
}

function reconcileField(
  field: Field,
  stated: PropertyValue | undefined,
  wire: unknown,
  options: ReconcileOptions,
): PropertyValue | undefined {
  const observed = fromWireValue(field, wire);
  if (stated === undefined || stated === null) {
    if (observed === undefined || field.filled === true || isDefault(field, observed)) {
      return undefined;
    }
    return unstated(field, wire, options);
  }
  const plain = reveal(stated);
  if (observed === undefined && field.default === undefined) {
    return field.secret === true || field.filled === true || isDefault(field, plain)
      ? stated
      : undefined;
  }
  const actual = observed ?? field.default ?? null;
  if (isSame(plain, actual) || (field.json === true && isSameJson(plain, actual))) return stated;
  return insideSecret(stated, (before) => merge(field, before, wire, actual, options));
}

function merge(
  field: Field,
  stated: PropertyValue,
  wire: unknown,
  actual: PropertyValue,
  options: ReconcileOptions,
): PropertyValue {
  if (typeof field.type === "string") return actual;
  if ("object" in field.type) {
    return isObject(stated) && !Array.isArray(stated) && isObject(wire)
      ? mergeObject(field.type.object, stated, wire)
      : actual;
  }
  const { list: item, key, unordered } = field.type;
  if (!Array.isArray(stated) || !Array.isArray(wire)) return actual;
  if (unordered === true && isSame(sorted(stated), sorted(actual))) return stated;
  if (key === undefined || typeof item.type === "string" || !("object" in item.type)) return actual;
  return mergeKeyed(item.type.object, key, { stated, wire }, options);
}

/** Inside an object, what is not reported is gone: the API reports objects whole. */
function mergeObject(
  fields: Fields,
  stated: Properties,
  wire: Record<string, unknown>,
): Properties {
  const whole = Object.entries(fields).map(([name, field]) => {
    const key = wireName(name, field);
    return [key, wire[key] ?? (field.json === true ? undefined : null)] as const;
  });
  return reconcile(fields, stated, Object.fromEntries(whole));
}

function mergeKeyed(
  fields: Fields,
  key: string,
  lists: { stated: readonly PropertyValue[]; wire: readonly unknown[] },
  options: ReconcileOptions,
): PropertyValue[] {
  const reported = new Map<unknown, Record<string, unknown>>();
  for (const item of lists.wire) if (isObject(item)) reported.set(item[key], item);
  const result: PropertyValue[] = [];
  for (const item of lists.stated) {
    const name = nameOf(item, key);
    const match = reported.get(name);
    if (match === undefined) continue;
    reported.delete(name);
    result.push(insideSecret(item, (plain) => mergeItem(fields, plain, match)));
  }
  const extra = [...reported.values()]
    .map((item) => mergeObject(fields, {}, item))
    .filter((item) => options.isUnmanaged?.(item) !== true);
  if (extra.length === 0) return result;
  return [...result, ...extra].toSorted((a, b) => (nameOf(a, key) < nameOf(b, key) ? -1 : 1));
}

/** An item of another type is another item: nothing of the old one stays. */
function mergeItem(
  fields: Fields,
  stated: PropertyValue,
  wire: Record<string, unknown>,
): PropertyValue {
  if (!isObject(stated) || Array.isArray(stated)) return stated;
  return mergeObject(fields, isSame(stated["type"], typeOf(wire)) ? stated : {}, wire);
}

function typeOf(wire: Record<string, unknown>): PropertyValue {
  return typeof wire["type"] === "string" ? wire["type"] : null;
}

function unstated(
  field: Field,
  wire: unknown,
  options: ReconcileOptions,
): PropertyValue | undefined {
  if (typeof field.type === "string") {
    const value = fromWireValue(field, wire);
    return value === undefined || field.secret !== true ? value : secret(value);
  }
  if ("object" in field.type) {
    const value = isObject(wire) ? mergeObject(field.type.object, {}, wire) : {};
    return isDefault(field, value) ? undefined : value;
  }
  const value = merge(field, [], wire, fromWireValue(field, wire) ?? [], options);
  return isDefault(field, value) ? undefined : value;
}

function nameOf(item: PropertyValue, key: string): string {
  const plain = reveal(item);
  const name = isObject(plain) ? plain[key] : undefined;
  return typeof name === "string" ? name : "";
}

function sorted(value: PropertyValue): PropertyValue {
  const texts = Array.isArray(value) ? value.map((entry) => JSON.stringify(entry)) : [];
  return texts.toSorted();
}

function isSameJson(stated: PropertyValue, actual: PropertyValue): boolean {
  if (typeof stated !== "string" || typeof actual !== "string") return false;
  try {
    return isSame(JSON.parse(stated), JSON.parse(actual));
  } catch {
    return false;
  }
}

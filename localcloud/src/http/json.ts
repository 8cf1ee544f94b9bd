import { ERRORS, fail } from "../errors.ts";
import { isRecord, messageOf, parseJsonText } from "../lib/unknown.ts";

/**
 * The value of a JSON text.
 * @throws {ApiError} 10012 when it is not JSON
 */
export function parseJson(text: string): unknown {
  try {
    return parseJsonText(text);
  } catch (error) {
    return fail(ERRORS.MALFORMED_JSON, { reason: messageOf(error) });
  }
}

/**
 * The entries of a request's JSON list of objects.
 * @throws {ApiError} 10026 when it is none
 */
export function parseList(text: string): Fields[] {
  const value = parseJson(text);
  if (!Array.isArray(value) || !value.every(isRecord)) return fail(ERRORS.UNREADABLE_BODY);
  return value.map(fieldsOf);
}

/** Reads the fields of a request's JSON object; each reader throws {@link ApiError} 10001 naming the field. */
export interface Fields {
  text(name: string): string;
  optionalText(name: string): string | null;
  flag(name: string): boolean;
  optionalFlag(name: string): boolean | null;
  optionalNumber(name: string): number | null;
  optionalObject(name: string): Record<string, unknown> | null;
  optionalList<T>(name: string, accept: (entry: unknown) => entry is T): T[] | null;
}

/** @throws {ApiError} 10001 when `value` is not an object */
export function fieldsOf(value: unknown): Fields {
  if (!isRecord(value)) {
    return fail(ERRORS.INVALID_FIELD, { field: "body", reason: "must be a JSON object" });
  }
  function read<T>(
    name: string,
    expected: string,
    accept: (field: unknown) => field is T,
  ): T | null {
    const field = isRecord(value) ? (value[name] ?? null) : null;
    if (field === null || accept(field)) return field;
    return fail(ERRORS.INVALID_FIELD, { field: name, reason: `must be ${expected}` });
  }
  const optionalText = (name: string): string | null => read(name, "a string", isText);
  const optionalFlag = (name: string): boolean | null => read(name, "true or false", isFlag);
  return {
    optionalText,
    optionalFlag,
    text: (name) => required(name, optionalText(name) === "" ? null : optionalText(name)),
    flag: (name) => required(name, optionalFlag(name)),
    optionalNumber: (name) => read(name, "a number", isNumber),
    optionalObject: (name) => read(name, "an object", isRecord),
    optionalList: <T>(name: string, accept: (entry: unknown) => entry is T) =>
      read(
        name,
        "a list of what it names",
        (list): list is T[] => Array.isArray(list) && list.every(accept),
      ),
  };
}

function required<T>(name: string, field: T | null): T {
  return field ?? fail(ERRORS.INVALID_FIELD, { field: name, reason: "is required" });
}

export const isText = (field: unknown): field is string => typeof field === "string";
const isFlag = (field: unknown): field is boolean => typeof field === "boolean";
const isNumber = (field: unknown): field is number => typeof field === "number";

import { isDeepStrictEqual } from "node:util";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";

/** A Pulumi property as it travels: JSON, in which unknowns and secrets are marked by sentinels. */
export type PropertyValue =
  | null
  | boolean
  | number
  | string
  | PropertyValue[]
  | { [key: string]: PropertyValue };

/** The properties of one resource. A null is kept on the wire and means the same as absence. */
export type Properties = Record<string, PropertyValue>;

// Source: pulumi/pulumi v3.259.0, sdk/go/common/resource/sig/sig.go and pkg/resource/plugin/rpc.go.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWNS: ReadonlySet<string> = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
]);

/** What a preview answers for a value that only the update will know. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** True for an object that is neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for a value that only the update will know, of whichever type. */
export function isUnknown(value: PropertyValue | undefined): boolean {
  return typeof value === "string" && UNKNOWNS.has(value);
}

/** True when the value, or anything inside it, is unknown. */
export function hasUnknowns(value: PropertyValue | undefined): boolean {
  if (typeof value !== "object" || value === null) return isUnknown(value);
  return Object.values(value).some(hasUnknowns);
}

/** A value with the signature of a secret, an asset, an archive or a resource reference. */
export function signatureOf(value: PropertyValue | undefined): string | null {
  if (!isObject(value)) return null;
  const signature = value[SIGNATURE];
  return typeof signature === "string" ? signature : null;
}

/** True for a secret, not for a value that merely contains one. */
export function isSecret(
  value: PropertyValue | undefined,
): value is { [key: string]: PropertyValue; value: PropertyValue } {
  return signatureOf(value) === SECRET;
}

/** Marks a value as secret; twice is the same as once. */
export function secret(value: PropertyValue): PropertyValue {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** Takes one layer of secrecy off, applies `change`, and puts the layer back. */
export function insideSecret(
  value: PropertyValue,
  change: (value: PropertyValue) => PropertyValue,
): PropertyValue {
  return isSecret(value) ? secret(insideSecret(value.value ?? null, change)) : change(value);
}

/** The value without any mark of secrecy, at any depth. Only for what goes to the API. */
export function reveal(value: PropertyValue): PropertyValue {
  if (isSecret(value)) return reveal(value.value ?? null);
  if (Array.isArray(value)) return value.map(reveal);
  return isObject(value) ? revealAll(value) : value;
}

/** {@link reveal} for a property bag. */
export function revealAll(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).map(([key, v]) => [key, reveal(v)]));
}

/** The text of a string, secret or not; undefined for anything else. */
export function textOf(value: PropertyValue | undefined): string | undefined {
  const plain = reveal(value ?? null);
  return typeof plain === "string" ? plain : undefined;
}

/** Equality of what the API would be told: order of keys, secrecy and nulls do not count. */
export function isSame(a: PropertyValue | undefined, b: PropertyValue | undefined): boolean {
  return isDeepStrictEqual(reveal(a ?? null), reveal(b ?? null));
}

/** True for what says no more than absence does: "", [] or {} of nothing. */
export function isEmpty(value: PropertyValue): boolean {
  if (typeof value !== "object") return value === "";
  return value === null || Object.values(value).every((entry) => entry === null);
}

/**
 * Drops nulls and the bookkeeping (`__defaults`, `__meta`) that the real provider keeps in a state,
 * so that a state of either provider can be read.
 */
export function tidy(properties: Properties): Properties {
  const kept = Object.entries(properties).filter(
    ([key, value]) => value !== null && (!key.startsWith("__") || key === "__proto__"),
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, tidyValue(value)]));
}

function tidyValue(value: PropertyValue): PropertyValue {
  if (isSecret(value)) return secret(tidyValue(value.value ?? null));
  if (Array.isArray(value)) return value.map(tidyValue);
  return isObject(value) ? tidy(value) : value;
}

/** Reads a gRPC message field; an absent one has no properties. */
export function fromStruct(message: Struct | undefined): Properties {
  const fields: { [key: string]: PropertyValue } = message?.toJavaScript() ?? {};
  return tidy(fields);
}

/** Writes a gRPC message field. */
export function toStruct(properties: Properties): Struct {
  return struct.Struct.fromJavaScript(properties);
}

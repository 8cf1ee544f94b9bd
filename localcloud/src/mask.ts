import { isRecord } from "./lib/unknown.ts";
import { sha256 } from "./model/ids.ts";

const MASKED = "***";
const SECRET_NAME = /token|secret|pass(?:word|wd|phrase)|credential|authorization|api_?key/i;
/** KEY as a word of a binding's name: SIGNING_KEY and signingKey, but not KEYBOARD. */
const KEY_NAME = /(?:^|[_-])(?:key|KEY)(?:s|S)?(?:$|[_-])|[a-z\d]Keys?(?:$|[A-Z\d_-])/;
const SECRET_FIELDS = new Set(["text", "json", "key_base64", "key_jwk"]);

/**
 * A copy of a JSON value without the values of secret bindings, of bindings of any type that are named
 * like secrets, and of text fields that are. Contents of modules become their size and hash.
 */
export function mask(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mask);
  if (!isRecord(value)) return value;
  const { type, name: own } = value;
  // All fields of one: its value may be in the wrong one.
  const isSecret = typeof type === "string" && type.startsWith("secret");
  const isNamedSo = typeof own === "string" && (SECRET_NAME.test(own) || KEY_NAME.test(own));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      if (name === "content_base64" && typeof field === "string") {
        return ["content", contentsOf(Buffer.from(field, "base64"))];
      }
      const hidden =
        (isSecret && name !== "type" && name !== "name") ||
        (isNamedSo && SECRET_FIELDS.has(name)) ||
        isNamedSecret(name, field);
      return [name, hidden ? MASKED : mask(field)];
    }),
  );
}

function isNamedSecret(name: string, field: unknown): boolean {
  return typeof field === "string" && SECRET_NAME.test(name);
}

/** A copy of a JSON value without any text or number but names and types: of endpoints for secrets. */
export function maskAll(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskAll);
  if (!isRecord(value)) return typeof value === "boolean" || value === null ? value : MASKED;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      const isShown = (name === "name" || name === "type") && typeof field === "string";
      return [name, isShown ? field : maskAll(field)];
    }),
  );
}

/** What is told of a module instead of its contents. */
export function contentsOf(contents: Uint8Array): { sizeBytes: number; sha256: string } {
  return { sizeBytes: contents.byteLength, sha256: sha256(contents) };
}

/** {@link mask} for the query of a URL's path. */
export function maskPath(path: string): string {
  const index = path.indexOf("?");
  if (index < 0) return path;
  const params = new URLSearchParams(path.slice(index));
  for (const name of params.keys()) if (SECRET_NAME.test(name)) params.set(name, MASKED);
  return `${path.slice(0, index)}?${params.toString()}`;
}

import { ERRORS, fail } from "../errors.ts";
import { isRecord } from "../lib/unknown.ts";

const MAX_MESSAGE_BYTES = 1_000;
const MAX_TAG_BYTES = 100;

/**
 * The annotations of a version or a deployment: the message cut to what Cloudflare keeps of it, in bytes.
 * @throws {ApiError} 10021 when they are no texts, or the tag is too long
 */
export function readAnnotations(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) return invalid("annotations must be an object.");
  return Object.fromEntries(
    Object.entries(value)
      // wrangler sends null for a message that nobody gave.
      .filter(([, text]) => text !== null)
      .map(([name, text]) => [name, readText(name, text)]),
  );
}

function readText(name: string, text: unknown): string {
  if (typeof text !== "string") return invalid(`annotations.${name} must be a string.`);
  if (name === "workers/message") return truncate(text, MAX_MESSAGE_BYTES);
  if (name === "workers/tag" && Buffer.byteLength(text) > MAX_TAG_BYTES) {
    return invalid(`annotations.${name} is longer than ${MAX_TAG_BYTES} bytes.`);
  }
  return text;
}

/** Never half a character. */
function truncate(text: string, limitBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.byteLength <= limitBytes) return text;
  return new TextDecoder().decode(bytes.subarray(0, limitBytes), { stream: true });
}

function invalid(reason: string): never {
  return fail(ERRORS.INVALID_UPLOAD, { reason });
}

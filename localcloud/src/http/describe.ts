import { parseJsonText } from "../lib/unknown.ts";
import { contentsOf, mask, maskAll } from "../mask.ts";
import type { Answer } from "./answer.ts";
import { parseMultipart } from "./multipart.ts";

/** Longest JSON of one body in the journal, in characters; of a longer one the beginning is kept. */
const MAX_BODY_CHARACTERS = 8_192;

const KEPT_CHARACTERS = 2_048;

/** The journal's view of a request's body: no contents of modules, no secrets, and not too long. */
export async function describeRequest(
  path: string,
  contentType: string,
  body: Buffer,
): Promise<unknown> {
  if (body.byteLength === 0) return null;
  const hide = hider(path);
  try {
    if (!contentType.startsWith("multipart/"))
      return bounded(hide(parseJsonText(body.toString("utf8"))));
    const parts = await parseMultipart(contentType, body);
    return bounded(
      parts.map((part) =>
        part.field === "metadata"
          ? { name: part.name, metadata: hide(parseJsonText(part.contents.toString("utf8"))) }
          : { name: part.name, contentType: part.contentType, ...contentsOf(part.contents) },
      ),
    );
  } catch {
    return `${body.byteLength} bytes that could not be read as ${contentType === "" ? "JSON" : contentType}`;
  }
}

/** The same for an answer's. */
export function describeAnswer(path: string, answer: Answer): unknown {
  if (answer.json !== undefined) return bounded(hider(path)(answer.json));
  return `${answer.bytes.byteLength} bytes of ${answer.headers["content-type"] ?? "no type"}`;
}

function hider(path: string): (value: unknown) => unknown {
  return /\/secrets(?:-bulk)?(?:[/?]|$)/.test(path) ? maskAll : mask;
}

function bounded(value: unknown): unknown {
  const text = JSON.stringify(value) ?? "null";
  if (text.length <= MAX_BODY_CHARACTERS) return value;
  return { characters: text.length, start: text.slice(0, KEPT_CHARACTERS) };
}

/**
 * The journal's view of an error's message, of a long one the beginning: scripts throw what they like. Node's
 * words for what is no JSON quote it, and it may be a secret.
 */
export function describeMessage(message: string): string {
  const unquoted = message.replace(/, (?:\.{3})?".*is not valid JSON/s, " is not valid JSON");
  return unquoted.length <= KEPT_CHARACTERS ? unquoted : `${unquoted.slice(0, KEPT_CHARACTERS)}…`;
}

import busboy from "busboy";
import { ERRORS, fail } from "../errors.ts";
import { messageOf } from "../lib/unknown.ts";

/** One part of a form, byte for byte. */
export interface Part {
  /** The part's file name when it has one (the SDK sends every module as `files`), else its name. */
  name: string;
  /** The name of the form field. */
  field: string;
  /** Without parameters; `text/plain` when the part has none. */
  contentType: string;
  contents: Buffer;
}

/** More parts than any real Worker has. */
const MAX_PARTS = 10_000;

/**
 * Reads a multipart form in the order it was sent. Names keep their paths (`chunks/a.js`) and quotes.
 * @throws {ApiError} 10021 when the form is cut off or has no boundary
 */
export async function parseMultipart(contentType: string, body: Buffer): Promise<Part[]> {
  const parts: Part[] = [];
  let readBytes = 0;
  try {
    await new Promise<void>((resolve, reject) => {
      const parser = openParser(contentType, body.byteLength);
      parser.on("file", (field, stream, info) => {
        const part = { name: info.filename ?? field, field, contentType: info.mimeType };
        const chunks: Buffer[] = [];
        const index = parts.push({ ...part, contents: Buffer.alloc(0) }) - 1;
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          parts[index] = { ...part, contents: Buffer.concat(chunks) };
        });
        stream.on("error", reject);
      });
      parser.on("field", (field, value, info) => {
        const { contents, end } = bytesOfField(value, body, readBytes);
        readBytes = end;
        parts.push({ name: field, field, contentType: info.mimeType, contents });
      });
      parser.on("partsLimit", () => reject(new Error(`more than ${MAX_PARTS} parts`)));
      parser.on("error", reject);
      parser.on("close", resolve);
      parser.end(body);
    });
  } catch (error) {
    const reason = messageOf(error);
    fail(ERRORS.INVALID_UPLOAD, { reason: `Could not parse the multipart form: ${reason}` });
  }
  return parts;
}

function openParser(contentType: string, maxBytes: number): busboy.Busboy {
  return busboy({
    headers: { "content-type": contentType },
    preservePath: true,
    defParamCharset: "utf8",
    // A part without a file name arrives as text; latin1 keeps its bytes.
    defCharset: "latin1",
    limits: { parts: MAX_PARTS, fileSize: maxBytes + 1, fieldSize: maxBytes + 1 },
  });
}

/**
 * A part that names its own charset was decoded by that one, so its latin1 form is not in the body.
 * @param from where to look: fields come in the order of the body, and looking through all of it for each
 * would take minutes for thousands of them
 */
function bytesOfField(
  value: string,
  body: Buffer,
  from: number,
): { contents: Buffer; end: number } {
  const utf8 = Buffer.from(value, "utf8");
  // ASCII is the same in both.
  if (utf8.byteLength === value.length) return { contents: utf8, end: from };
  const latin1 = Buffer.from(value, "latin1");
  const at = body.indexOf(latin1, from);
  return at < 0 ? { contents: utf8, end: from } : { contents: latin1, end: at + latin1.byteLength };
}

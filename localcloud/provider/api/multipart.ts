import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import busboy from "busboy";
import type { HttpBody } from "./http.ts";

/** One part of an upload. */
export interface Part {
  readonly name: string;
  readonly contentType: string;
  /** Absent: the part has no filename, which tells metadata from modules. */
  readonly filename?: string;
  readonly contents: Uint8Array;
}

/** multipart/form-data with the parts in this order. The same parts make the same bytes. */
export function encodeMultipart(parts: readonly Part[]): HttpBody {
  const boundary = boundaryFor(parts);
  const chunks: Uint8Array[] = [];
  for (const part of parts) {
    const filename = part.filename === undefined ? "" : `; filename="${quote(part.filename)}"`;
    const head =
      `--${boundary}\r\n` +
      `Content-Disposition: form-data; name="${quote(part.name)}"${filename}\r\n` +
      `Content-Type: ${part.contentType}\r\n\r\n`;
    chunks.push(Buffer.from(head), part.contents, Buffer.from("\r\n"));
  }
  chunks.push(Buffer.from(`--${boundary}--\r\n`));
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat(chunks),
  };
}

/** A hash of the contents cannot stand in them. */
function boundaryFor(parts: readonly Part[]): string {
  const hash = createHash("sha256");
  for (const { contents } of parts) hash.update(contents);
  return hash.digest("hex");
}

/** As Go's mime/multipart writes names. */
function quote(text: string): string {
  return text.replace(/[\\"]/g, "\\$&").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}

/**
 * The main module of a script's content: the body itself, or the first part of a multipart body.
 * Null for a multipart body without parts. Rejects when a multipart body is malformed.
 */
export function mainModule(contentType: string, body: Buffer): Promise<MainModule | null> {
  if (!contentType.toLowerCase().startsWith("multipart/")) {
    return Promise.resolve({ name: null, contents: body });
  }
  return new Promise((resolve, reject) => {
    let first: MainModule | null = null;
    const parser = busboy({
      headers: { "content-type": contentType },
      preservePath: true,
      limits: { fieldSize: Infinity },
    });
    parser.on("file", (name, stream, { filename }) => {
      const chunks: Buffer[] = [];
      const part = { name: filename ?? name, contents: Buffer.alloc(0) };
      first ??= part;
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => (part.contents = Buffer.concat(chunks)));
    });
    parser.on("field", (name, value) => (first ??= { name, contents: Buffer.from(value) }));
    parser.on("error", reject);
    parser.on("close", () => resolve(first));
    Readable.from([body]).pipe(parser);
  });
}

/** A script's main module as the API stores it; the name only where the answer tells. */
export interface MainModule {
  readonly name: string | null;
  readonly contents: Buffer;
}

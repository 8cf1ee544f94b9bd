import type { IncomingMessage } from "node:http";
import { ApiError, ERRORS } from "../errors.ts";

/** Largest upload: what Cloudflare allows a Worker's modules together. */
const MAX_UPLOAD_BYTES = 64 * 1024 * 1024;

/** Largest JSON request. */
const MAX_JSON_BYTES = 1024 * 1024;

/** Where JSON carries modules, in base64. */
const JSON_UPLOAD = /\/workers\/workers\/[^/]+\/versions(?:\?|$)/;

/** The client went away before its request was complete. */
export class RequestAborted extends Error {}

/**
 * Reads a request's body. One that is too large is read to its end and dropped, so that the client gets to
 * see the answer; past four times the limit the connection is given up.
 * @throws {ApiError} 10027 when it is larger than its kind may be
 * @throws {RequestAborted}
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const limit = limitOf(request);
  const chunks: Buffer[] = [];
  let size = 0;
  await new Promise<void>((resolve, reject) => {
    request.on("data", (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (size > 4 * limit) resolve();
    });
    request.on("end", resolve);
    request.on("error", (error) => reject(new RequestAborted(error.message)));
    request.on("close", () => reject(new RequestAborted("closed")));
  });
  if (size > limit) throw new ApiError(ERRORS.BODY_TOO_LARGE, { limit });
  return Buffer.concat(chunks);
}

function limitOf({ headers, url = "" }: IncomingMessage): number {
  if (headers["content-type"]?.startsWith("multipart/") === true) return MAX_UPLOAD_BYTES;
  return JSON_UPLOAD.test(url) ? (MAX_UPLOAD_BYTES * 4) / 3 + MAX_JSON_BYTES : MAX_JSON_BYTES;
}

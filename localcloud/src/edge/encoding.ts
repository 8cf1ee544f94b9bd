import type { IncomingMessage, ServerResponse } from "node:http";
import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip } from "node:zlib";

/** What Workers are told that every client takes; the edge decodes for those that do not. */
export const OFFERED_ENCODINGS = "gzip, br";

const DECODERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ["gzip", createGunzip],
  ["br", createBrotliDecompress],
]);

/** What decodes an answer for a client that did not say that it takes its encoding; null for nothing. */
export function decoderFor(answer: IncomingMessage, { req }: ServerResponse): Transform | null {
  const encoding = answer.headers["content-encoding"]?.trim().toLowerCase() ?? "";
  const hasBody = req.method !== "HEAD" && answer.statusCode !== 204 && answer.statusCode !== 304;
  if (!hasBody || accepts(req.headers["accept-encoding"] ?? "", encoding)) return null;
  return DECODERS.get(encoding)?.() ?? null;
}

/** Whether an `Accept-Encoding` takes this encoding (RFC 9110, section 12.5.3). */
function accepts(header: string, encoding: string): boolean {
  const weights = header.split(",").map((part) => {
    const [name = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    return [name, !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))] as const;
  });
  const taken = new Map(weights);
  return taken.get(encoding) ?? taken.get("*") ?? false;
}

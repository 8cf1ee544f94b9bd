import http from "node:http";
import https from "node:https";
import { lookupLoopback } from "./loopback.ts";
import type { HeaderBag } from "./retry.ts";

/** A whole answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeaderBag;
  readonly body: Buffer;
}

/** A request's body with its type. */
export interface HttpBody {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** Nothing for this long on the connection is a failure. */
const SILENCE_MS = 60_000;

/**
 * One request to this machine. Rejects when there is no whole answer: the error's `code` is that of
 * the socket (ECONNREFUSED: nothing was sent). Redirects and proxies are not followed.
 */
export function send(
  url: URL,
  options: {
    method: string;
    headers: Record<string, string>;
    signal: AbortSignal;
    body?: HttpBody | undefined;
  },
): Promise<HttpAnswer> {
  const { method, body, signal } = options;
  const headers: Record<string, string | number> = { ...options.headers };
  if (body !== undefined) {
    headers["content-type"] = body.contentType;
    headers["content-length"] = body.bytes.byteLength;
  }
  const client = url.protocol === "https:" ? https : http;
  // One connection a request: a kept one that the server has just closed looks like a lost answer.
  const settings = { method, headers, signal, lookup: lookupLoopback, agent: false as const };
  return new Promise((resolve, reject) => {
    const request = client.request(url, settings, (response) => {
      receive(response).then(resolve, reject);
    });
    request.setTimeout(SILENCE_MS, () => {
      request.destroy(new Error(`no answer for ${SILENCE_MS / 1000} s`));
    });
    request.on("error", reject);
    request.end(body?.bytes);
  });
}

function receive(response: http.IncomingMessage): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    // A connection that ends before the announced length is an "aborted" error here.
    response.on("error", reject);
    response.on("end", () => {
      resolve({
        status: response.statusCode ?? 0,
        statusText: response.statusMessage ?? "",
        headers: response.headers,
        body: Buffer.concat(chunks),
      });
    });
  });
}

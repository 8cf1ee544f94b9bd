import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { ApiError } from "../errors.ts";
import type { Reply } from "./reply.ts";

/** A response that is ready to be sent. */
export interface Answer {
  status: number;
  bytes: Buffer;
  headers: Record<string, string>;
  errors: { code: number; message: string }[];
  /** What `bytes` say, when that is JSON. */
  json?: unknown;
}

const JSON_HEADERS: Record<string, string> = { "content-type": "application/json; charset=utf-8" };

/** A JSON answer outside Cloudflare's envelope. */
export function jsonAnswer(status: number, value: unknown): Answer {
  const bytes = Buffer.from(JSON.stringify(value));
  return { status, bytes, headers: JSON_HEADERS, errors: [], json: value };
}

/** A success in Cloudflare's envelope. */
export function replyAnswer(reply: Reply): Answer {
  if ("bytes" in reply) return { status: 200, errors: [], ...reply };
  const { result, resultInfo } = reply;
  return jsonAnswer(200, {
    success: true,
    errors: [],
    messages: [],
    result: result ?? null,
    ...(resultInfo === undefined ? {} : { result_info: resultInfo }),
  });
}

/**
 * A failure in Cloudflare's envelope. Unless `strict`, it says that trying again is of no use:
 * cloudflare-go would otherwise repeat 409 and 5xx for more than three minutes.
 */
export function errorAnswer(
  failure: Pick<ApiError, "status" | "code" | "message"> &
    Partial<Pick<ApiError, "documentationUrl" | "meta">>,
  options: { strict: boolean; headers?: Record<string, string> },
): Answer {
  const { status, code, message, documentationUrl, meta } = failure;
  const more = {
    ...(documentationUrl === undefined ? {} : { documentation_url: documentationUrl }),
    ...(meta === undefined ? {} : { meta }),
  };
  const errors = [{ code, message, ...more }];
  const answer = jsonAnswer(status, { success: false, errors, messages: [], result: null });
  const retry: Record<string, string> = options.strict ? {} : { "x-should-retry": "false" };
  return { ...answer, headers: { ...answer.headers, ...retry, ...options.headers }, errors };
}

export function sendAnswer(
  response: ServerResponse,
  answer: Answer,
  { truncate }: { truncate: boolean },
): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    "cf-ray": randomBytes(8).toString("hex"),
    "content-length": answer.bytes.byteLength,
    // A body that was refused before its end cannot be followed by another request.
    ...(response.req.complete ? {} : { connection: "close" }),
  });
  if (!truncate) {
    response.end(answer.bytes);
    return;
  }
  const half = answer.bytes.subarray(0, Math.floor(answer.bytes.byteLength / 2));
  response.write(half, () => response.destroy());
}

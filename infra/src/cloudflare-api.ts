import { isRecord } from "./is-record.ts";

/** Cloudflare's API, as its provider has it. */
export const CLOUDFLARE_API_URL = "https://api.cloudflare.com/client/v4";

const TIMEOUT_MS = 15_000;

/** What the API said to one request. */
export type Answer = Given | Refused | Unreachable;

interface Given {
  readonly kind: "given";
  /** `result` of the envelope. */
  readonly result: unknown;
}

export interface Refused {
  readonly kind: "refused";
  readonly status: number;
  /** Cloudflare's code of the first error; null when the answer has none. */
  readonly code: number | null;
  readonly message: string;
}

export interface Unreachable {
  readonly kind: "unreachable";
  readonly reason: string;
}

export interface ApiOptions {
  /** Without final slash. */
  readonly baseUrl: string;
  readonly token: string;
  /** For each request. @default 15_000 */
  readonly timeoutMs?: number;
}

export interface Api {
  /** Host of the API, for messages. */
  readonly host: string;
  /** @param path below the base URL, with its query */
  get(path: string): Promise<Answer>;
  post(path: string, body: object): Promise<Answer>;
}

/** Asks Cloudflare's API. Never throws, and the token is in no answer. */
export function openApi(options: ApiOptions): Api {
  return {
    host: new URL(options.baseUrl).host,
    get: (path) => request(options, path),
    post: (path, body) => request(options, path, JSON.stringify(body)),
  };
}

/** @param body JSON to post; without it, the request reads */
async function request(options: ApiOptions, path: string, body?: string): Promise<Answer> {
  const { baseUrl, token, timeoutMs = TIMEOUT_MS } = options;
  const authorization = `Bearer ${token}`;
  try {
    const response = await fetch(`${baseUrl}${path}`, {
      ...(body === undefined
        ? { headers: { authorization } }
        : { method: "POST", body, headers: { authorization, "content-type": "application/json" } }),
      // A redirect would take the token elsewhere.
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    return without(token, readAnswer(response.status, await response.text()));
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return without(token, { kind: "unreachable", reason });
  }
}

function readAnswer(status: number, text: string): Answer {
  const body = parseJson(text);
  const { success, result, errors } = isRecord(body) ? body : {};
  if (status < 300 && success === true) return { kind: "given", result };
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const { code, message } = isRecord(first) ? first : {};
  return {
    kind: "refused",
    status,
    code: typeof code === "number" ? code : null,
    message: typeof message === "string" ? message : "no reason given",
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A server could repeat the header it was sent. */
function without(token: string, answer: Answer): Answer {
  if (answer.kind === "given") return answer;
  if (answer.kind === "refused") {
    return { ...answer, message: answer.message.replaceAll(token, "[token]") };
  }
  return { ...answer, reason: answer.reason.replaceAll(token, "[token]") };
}

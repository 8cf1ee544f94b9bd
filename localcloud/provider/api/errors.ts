import { status } from "@grpc/grpc-js";
import { ProviderError } from "../errors.ts";
import { isObject } from "../values.ts";
import { adviceFor } from "./advice.ts";

/** One entry of `errors` in an answer of the API. */
export interface ApiErrorEntry {
  readonly code: number;
  readonly message: string;
}

/** A request that the API (or something in front of it) answered with an error. */
export class ApiError extends ProviderError {
  override readonly name: string = "ApiError";
  readonly httpStatus: number;
  readonly entries: readonly ApiErrorEntry[];

  constructor(
    request: { method: string; path: string },
    answer: { httpStatus: number; statusText: string; entries: readonly ApiErrorEntry[] },
    options: { uncertain?: boolean; detail?: string } = {},
  ) {
    const { httpStatus, statusText, entries } = answer;
    const { uncertain = false, detail } = options;
    const codes = entries.map(({ code }) => code);
    const advice = adviceFor({ method: request.method, httpStatus, codes, uncertain });
    const lines = [
      `${request.method} ${request.path}: HTTP ${httpStatus} ${statusText}`.trimEnd(),
      ...entries.map(({ code, message }) => `  Cloudflare error ${code}: ${message}`),
      ...(detail === undefined ? [] : [`  ${detail}`]),
      ...advice.map((text) => `  What to do: ${text}`),
    ];
    const isOpen = uncertain || httpStatus >= 500;
    super(lines.join("\n"), isOpen ? status.UNKNOWN : statusFor(httpStatus));
    this.httpStatus = httpStatus;
    this.entries = entries;
  }
}

function statusFor(httpStatus: number): status {
  const table: Readonly<Record<number, status>> = {
    400: status.INVALID_ARGUMENT,
    401: status.UNAUTHENTICATED,
    403: status.PERMISSION_DENIED,
    404: status.NOT_FOUND,
    409: status.ALREADY_EXISTS,
    429: status.RESOURCE_EXHAUSTED,
  };
  return table[httpStatus] ?? status.FAILED_PRECONDITION;
}

/** The `errors` of an answer, as far as it has that shape. */
export function errorEntries(body: unknown): ApiErrorEntry[] {
  const errors = isObject(body) && Array.isArray(body["errors"]) ? body["errors"] : [];
  const entries: ApiErrorEntry[] = [];
  for (const entry of errors) {
    if (!isObject(entry)) continue;
    const { code, message } = entry;
    if (typeof code === "number" && typeof message === "string") entries.push({ code, message });
  }
  return entries;
}

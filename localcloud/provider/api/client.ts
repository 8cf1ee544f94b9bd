import { status } from "@grpc/grpc-js";
import { ProviderError } from "../errors.ts";
import { isObject } from "../values.ts";
import { adviceFor } from "./advice.ts";
import { ApiError, errorEntries } from "./errors.ts";
import { send } from "./http.ts";
import type { HttpAnswer, HttpBody } from "./http.ts";
import { LOCAL_RETRIES, header, pause, shouldRetry, waitMs } from "./retry.ts";
import type { RetryPolicy } from "./retry.ts";

/** One call of the API. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the base URL, each part encoded; see {@link apiPath}. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: HttpBody | undefined;
  /** A success may come without a body. @default false */
  readonly emptyAnswer?: boolean;
  readonly signal: AbortSignal;
}

/** Joins parts to a path, encoding each: no value can leave its place. */
export function apiPath(...parts: readonly string[]): string {
  return `/${parts.map(encodeURIComponent).join("/")}`;
}

/** A body as the real provider sends it to every endpoint but the script's. */
export function jsonBody(value: unknown): HttpBody {
  return { contentType: "application/json", bytes: Buffer.from(JSON.stringify(value)) };
}

/** Cloudflare's REST API at one base URL. */
export class ApiClient {
  readonly #baseUrl: string;
  readonly #token: string;
  readonly #policy: RetryPolicy;

  /** @param settings.baseUrl a loopback URL, checked by whoever configures. */
  constructor(
    settings: { baseUrl: string; token: string },
    options: { policy?: RetryPolicy | undefined } = {},
  ) {
    this.#baseUrl = settings.baseUrl.replace(/\/+$/, "");
    this.#token = settings.token;
    this.#policy = options.policy ?? LOCAL_RETRIES;
  }

  /** The `result` of the answer. Throws ApiError for an error answer. */
  async call(request: ApiRequest): Promise<unknown> {
    return (await this.callWhole(request))["result"];
  }

  /** The whole envelope of the answer, for lists. Throws as {@link call} does. */
  async callWhole(request: ApiRequest): Promise<Record<string, unknown>> {
    const { answer, uncertain } = await this.#exchange(request);
    const body = parseBody(answer);
    if (answer.status < 300) {
      if (isObject(body) && body["success"] === true) return body;
      if (request.emptyAnswer === true && answer.body.byteLength === 0) return {};
    }
    throw this.#refusal(request, answer, body, uncertain);
  }

  /** The bytes of an answer that is no envelope (a script's content). Throws as {@link call} does. */
  async download(request: ApiRequest): Promise<{ contentType: string; body: Buffer }> {
    const { answer, uncertain } = await this.#exchange(request);
    if (answer.status >= 300) {
      throw this.#refusal(request, answer, parseBody(answer), uncertain);
    }
    return { contentType: header(answer.headers, "content-type") ?? "", body: answer.body };
  }

  /** Null instead of a 404. Other errors are thrown. */
  async callOrNull(request: ApiRequest): Promise<{ result: unknown } | null> {
    try {
      return { result: await this.call(request) };
    } catch (error) {
      if (error instanceof ApiError && error.httpStatus === 404) return null;
      throw error;
    }
  }

  async #exchange(request: ApiRequest): Promise<{ answer: HttpAnswer; uncertain: boolean }> {
    let uncertain = false;
    for (let tries = 1; ; tries++) {
      const last = tries > this.#policy.retries;
      const answer = await this.#attempt(request, { last, uncertain });
      const isAnswer = typeof answer === "object";
      if (isAnswer && (last || !shouldRetry(answer.status, answer.headers))) {
        return { answer, uncertain };
      }
      // A request that may have been carried out before makes a later refusal say little.
      const maybeApplied = isAnswer ? answer.status >= 500 : answer === "lost";
      uncertain ||= maybeApplied && request.method !== "GET";
      await this.#pause(request, tries, isAnswer ? answer : null, uncertain);
    }
  }

  /** Without an answer, and with tries left: "refused" when nothing was sent, else "lost". */
  async #attempt(
    request: ApiRequest,
    state: { last: boolean; uncertain: boolean },
  ): Promise<HttpAnswer | "refused" | "lost"> {
    const headers = {
      accept: "application/json",
      authorization: `Bearer ${this.#token}`,
      "user-agent": "terraform-provider-cloudflare/pulumi stand-in",
    };
    try {
      return await send(this.#url(request), { ...request, headers });
    } catch (error) {
      if (request.signal.aborted) throw cancelled(request);
      if (!state.last && !isSilence(error)) return isRefused(error) ? "refused" : "lost";
      throw this.#noAnswer(request, error, state.uncertain);
    }
  }

  async #pause(
    request: ApiRequest,
    tries: number,
    answer: HttpAnswer | null,
    uncertain: boolean,
  ): Promise<void> {
    const ms = waitMs(this.#policy, tries, answer?.headers ?? {}, Date.now());
    try {
      await pause(ms, request.signal);
    } catch {
      const last = answer === null ? "no answer" : `HTTP ${answer.status}`;
      throw new ProviderError(
        `${request.method} ${request.path}: cancelled before try ${tries + 1} (${last} to the last)`,
        uncertain ? status.UNKNOWN : status.CANCELLED,
      );
    }
  }

  #url(request: ApiRequest): URL {
    const url = new URL(this.#baseUrl + request.path);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    return url;
  }

  #refusal(
    request: ApiRequest,
    answer: HttpAnswer,
    body: unknown,
    uncertain: boolean,
  ): ApiError | ProviderError {
    const { status: httpStatus, statusText } = answer;
    const entries = errorEntries(body).map(({ code, message }) => ({
      code,
      message: this.#mask(message),
    }));
    const detail = body === undefined ? { detail: this.#mask(describeBody(answer)) } : {};
    const applied = httpStatus < 300 && request.method !== "GET";
    return new ApiError(
      request,
      { httpStatus, statusText, entries },
      { uncertain: uncertain || applied, ...detail },
    );
  }

  #noAnswer(request: ApiRequest, error: unknown, uncertain: boolean): ProviderError {
    const what = `${request.method} ${request.path}`;
    if (isRefused(error)) {
      return new ProviderError(
        `${what}: the local cloud is not running at ${this.#baseUrl}: start it with \`npm run local\``,
        uncertain ? status.UNKNOWN : status.FAILED_PRECONDITION,
      );
    }
    const reason = error instanceof Error ? error.message : String(error);
    const advice = adviceFor({ method: request.method, httpStatus: 0, codes: [], uncertain });
    return new ProviderError(
      [
        `${what}: no answer from ${this.#baseUrl} (${this.#mask(reason)})`,
        ...advice.map((text) => `  What to do: ${text}`),
      ].join("\n"),
      request.method === "GET" ? status.FAILED_PRECONDITION : status.UNKNOWN,
    );
  }

  #mask(text: string): string {
    return text.replaceAll(this.#token, "[secret]");
  }
}

function parseBody(answer: HttpAnswer): unknown {
  try {
    const body: unknown = JSON.parse(answer.body.toString("utf8"));
    return body;
  } catch {
    return undefined;
  }
}

function describeBody(answer: HttpAnswer): string {
  if (answer.body.byteLength === 0) return "The answer is empty; JSON was expected.";
  const type = header(answer.headers, "content-type") ?? "no type";
  const start = answer.body.toString("utf8").replace(/\s+/g, " ").slice(0, 120);
  return `The answer (${type}) is not JSON: ${start}`;
}

function cancelled(request: ApiRequest): ProviderError {
  return new ProviderError(
    `${request.method} ${request.path}: cancelled`,
    request.method === "GET" ? status.CANCELLED : status.UNKNOWN,
  );
}

function isRefused(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isRefused);
  return isObject(error) && error["code"] === "ECONNREFUSED";
}

function isSilence(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("no answer for");
}

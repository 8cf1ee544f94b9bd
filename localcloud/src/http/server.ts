import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { ApiError, ERRORS, fail } from "../errors.ts";
import type { FaultRule } from "../fault-rule.ts";
import type { JournalEntry } from "../journal.ts";
import { createWebServer } from "../lib/listen.ts";
import { messageOf } from "../lib/unknown.ts";
import { maskPath } from "../mask.ts";
import { ACCOUNT_ID } from "../model/ids.ts";
import { workerOf } from "../model/state.ts";
import { tellAnswer } from "../told-answers.ts";
import { type Answer, errorAnswer, replyAnswer, sendAnswer } from "./answer.ts";
import { RequestAborted, readBody } from "./body.ts";
import { type Controlled, JOURNAL_STREAM, answerControl, isControlPath } from "./control.ts";
import { describeAnswer, describeMessage, describeRequest } from "./describe.ts";
import { requireAuth, requireLocal } from "./guard.ts";
import { injectedAnswer } from "./injected.ts";
import { type KeyedMutex, createKeyedMutex } from "./mutex.ts";
import { answerPage, isPagePath } from "./page.ts";
import { type Cloud, type Endpoint, type Reply, readsOf } from "./reply.ts";
import { type Router, createRouter } from "./router.ts";
import type { JournalStreams } from "./stream.ts";

/** Where the API lives on its port. */
export const API_ROOT = "/client/v4";

export interface ApiServerOptions extends Controlled {
  endpoints: readonly Endpoint[];
  streams: JournalStreams;
  /** True: failures lack `x-should-retry: false`, as at Cloudflare. */
  strict: boolean;
  onRequest: (entry: JournalEntry) => void;
}

/** Longer than clients keep a connection that nothing uses: else they may send on one that just closed. */
const KEEP_ALIVE_MS = 65_000;

/** The API's server, not yet listening. */
export function createApiServer(options: ApiServerOptions): Server {
  const context: Context = {
    ...options,
    router: createRouter(options.endpoints),
    scripts: createKeyedMutex(),
  };
  return createWebServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    serve(context, request, response).catch((error: unknown) => {
      // Nobody else may lose an answer, so the process must not end.
      request.socket.destroy();
      const what = `${request.method} ${maskPath(request.url ?? "")}`;
      context.cloud.onWarning(`${what} could not be answered: ${messageOf(error)}`);
    });
  });
}

interface Context extends ApiServerOptions {
  router: Router;
  /** Requests that change one script wait for each other. */
  scripts: KeyedMutex;
}

/** What is known of a request while it is served. */
interface Trace {
  at: Date;
  started: number;
  endpoint: string | null;
  body: Buffer;
  fault: FaultRule | null;
  /** True when the answer is the fault's. */
  isInjected: boolean;
  closed: AbortSignal;
}

interface Target {
  pathname: string;
  query: URLSearchParams;
  trace: Trace;
}

async function serve(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const trace = startTrace(response);
  const { pathname, query } = splitTarget(request.url ?? "/");
  const answer = await answerTo(context, request, { pathname, query, trace });
  if (answer === "stream") {
    context.streams.open(request, response, query);
    return;
  }
  const lost = answer === null || (trace.fault?.drop ?? false);
  const isOurs = isControlPath(pathname) || isPagePath(pathname);
  if (!isOurs) await record(context, request, trace, answer, lost);
  if (lost) request.socket.destroy();
  else sendAnswer(response, answer, { truncate: trace.fault?.truncate ?? false });
}

function startTrace(response: ServerResponse): Trace {
  const closed = new AbortController();
  response.on("close", () => closed.abort());
  return {
    at: new Date(),
    started: performance.now(),
    endpoint: null,
    body: Buffer.alloc(0),
    fault: null,
    isInjected: false,
    closed: closed.signal,
  };
}

/** Not by URL: that throws, and takes `//name/` for a host. */
function splitTarget(target: string): { pathname: string; query: URLSearchParams } {
  const index = target.indexOf("?");
  if (index < 0) return { pathname: target, query: new URLSearchParams() };
  return { pathname: target.slice(0, index), query: new URLSearchParams(target.slice(index)) };
}

/** Before the answer is sent, so that who has the answer finds it in the journal. Never throws. */
async function record(
  context: Context,
  request: IncomingMessage,
  trace: Trace,
  answer: Answer | null,
  lost: boolean,
): Promise<void> {
  const path = request.url ?? "";
  const errors = answer?.errors ?? [];
  try {
    const entry = context.journal.add({
      at: trace.at.toISOString(),
      method: request.method ?? "",
      path: maskPath(path),
      endpoint: trace.endpoint,
      status: lost || answer === null ? 0 : answer.status,
      durationMs: Math.round((performance.now() - trace.started) * 10) / 10,
      userAgent: request.headers["user-agent"] ?? "",
      requestBytes: trace.body.byteLength,
      request: await describeRequest(path, request.headers["content-type"] ?? "", trace.body),
      responseBytes: answer?.bytes.byteLength ?? 0,
      response: answer === null || errors.length > 0 ? null : describeAnswer(path, answer),
      errors: errors.map((error) => ({ ...error, message: describeMessage(error.message) })),
      fault: trace.fault !== null,
    });
    context.onRequest(entry);
    if (answer !== null && !trace.isInjected) {
      tellAnswer({ ...entry, status: answer.status, json: answer.json });
    }
  } catch (error) {
    context.cloud.onWarning(`A request could not be recorded: ${String(error)}`);
  }
}

/** Null when the client is gone before its request was complete. */
async function answerTo(
  context: Context,
  request: IncomingMessage,
  target: Target,
): Promise<Answer | "stream" | null> {
  const { pathname, query, trace } = target;
  try {
    requireLocal(request.headers);
    trace.body = await readBody(request);
    if (request.method === "GET" && pathname === JOURNAL_STREAM) return "stream";
    const { body } = trace;
    const page = await answerPage(request.method ?? "", pathname);
    if (page !== null) return page;
    const control = await answerControl(request.method ?? "", pathname, { query, body }, context);
    if (control !== null) return control;
    if (!pathname.startsWith(`${API_ROOT}/`)) fail(ERRORS.OUTSIDE_API, { path: pathname });
    return await answerApi(context, request, target);
  } catch (error) {
    if (error instanceof RequestAborted) return null;
    return failureAnswer(context, error);
  }
}

/** Any failure that is not an injected one would be the same when tried again: clients are told so. */
function failureAnswer(context: Context, error: unknown): Answer {
  if (error instanceof ApiError) {
    if (error.status === ERRORS.UNKNOWN_ENDPOINT.status) context.cloud.onWarning(error.message);
    return errorAnswer(error, { strict: context.strict });
  }
  const reason = messageOf(error);
  context.cloud.onWarning(
    `internal error: ${error instanceof Error ? (error.stack ?? reason) : reason}`,
  );
  return errorAnswer(new ApiError(ERRORS.INTERNAL, { reason }), { strict: context.strict });
}

async function answerApi(
  context: Context,
  request: IncomingMessage,
  { pathname, query, trace }: Target,
): Promise<Answer> {
  const method = request.method ?? "";
  const path = pathname.slice(API_ROOT.length);
  trace.fault = context.faults.take(method, path);
  if (trace.fault?.delayMs !== undefined) {
    await delay(trace.fault.delayMs, undefined, { signal: trace.closed }).catch(() => undefined);
  }
  const isAfter = trace.fault?.after === true || trace.fault?.truncate === true;
  const injected = trace.fault === null ? null : injectedAnswer(trace.fault);
  trace.isInjected = injected !== null;
  if (injected !== null && !isAfter) return injected;
  requireAuth(request.headers);
  const { handler, params, endpoint } = context.router.match(method, path);
  trace.endpoint = endpoint;
  requireAccount(params["account"], pathname);
  const run = async (): Promise<Reply> =>
    handler({
      cloud: method === "GET" ? readsOf(context.cloud) : context.cloud,
      params,
      query,
      headers: request.headers,
      body: trace.body,
    });
  const script = changedScript(context.cloud, params);
  const isChange = method !== "GET" && script !== undefined;
  const reply = await (isChange ? context.scripts.run(script, run) : run());
  return injected ?? replyAnswer(reply);
}

function requireAccount(account: string | undefined, path: string): void {
  if (account === undefined || account === ACCOUNT_ID) return;
  // An identifier of another account, or none at all.
  if (/^[0-9a-f]{32}$/.test(account)) fail(ERRORS.FOREIGN_ACCOUNT);
  fail(ERRORS.UNKNOWN_OBJECT, { path });
}

/** The script that a request names: by its name, or as a Worker by its id. */
function changedScript({ store }: Cloud, params: Record<string, string>): string | undefined {
  const { script, worker } = params;
  return script ?? (worker === undefined ? undefined : workerOf(store.state, worker)?.name);
}

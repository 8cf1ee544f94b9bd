import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { ScriptAddress } from "../runtime/types.ts";
import { sendAnswer, threwException, wentAway } from "./answers.ts";
import { decoderFor } from "./encoding.ts";
import { type RequestHead, returnedHeaders } from "./head.ts";
import { type EdgeContext, type Routed, askScript, openRequest, routeRequest } from "./upstream.ts";

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Takes an HTTP request to its script and the answer back, streaming both. Never rejects. */
export async function forwardRequest(
  edge: EdgeContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const routed = routeRequest(edge, request);
  if ("status" in routed) return sendAnswer(response, routed);
  const body = hasBody(request);
  const canRepeat = !body && SAFE_METHODS.has(request.method ?? "");
  try {
    const answer = await askScript(
      edge,
      routed,
      { canRepeat, isClientGone: () => response.destroyed },
      (address) => exchange(edge, routed, address, { request, response, body, canRepeat }),
    );
    if (answer) sendAnswer(response, answer);
  } catch (error) {
    sendAnswer(response, wentAway(routed.script, error));
  }
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  body: boolean;
  canRepeat: boolean;
}

async function exchange(
  edge: EdgeContext,
  { head }: Routed,
  address: ScriptAddress,
  { request, response, body, canRepeat }: Exchange,
): Promise<null> {
  // A kept connection may just have been closed by the other side. Only what can be repeated may
  // take that risk.
  const outgoing = openRequest(address, request, head, {
    ...(canRepeat ? { agent: edge.agent } : {}),
    extra: framing(request, body),
  });
  const abandon = (): void => {
    if (!response.writableFinished) outgoing.destroy();
  };
  response.once("close", abandon);
  try {
    sendBody(request, outgoing, body);
    await relay(await answerTo(outgoing), response, head);
  } finally {
    response.off("close", abandon);
    request.unpipe(outgoing);
    // What the script did not read must not stand before the client's next request.
    if (response.headersSent) request.resume();
  }
  return null;
}

function sendBody(request: IncomingMessage, outgoing: ClientRequest, body: boolean): void {
  if (!body) {
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  request.pipe(outgoing);
}

function answerTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  outgoing.once("response", resolve);
  // Stays: an error after the answer (the script did not read all of the body) is no failure.
  outgoing.on("error", reject);
  return promise;
}

/** Passes a script's answer on. When it breaks off midway, so does the client's. */
export async function relay(
  answer: IncomingMessage,
  response: ServerResponse,
  head: RequestHead,
): Promise<void> {
  const { statusCode = 502, statusMessage = "" } = answer;
  if (mayBeException(answer)) {
    const said = await text(answer);
    if (said === EXCEPTION || response.req.method === "HEAD") {
      return sendAnswer(response, threwException(head));
    }
    response.writeHead(statusCode, statusMessage, returnedHeaders(answer, head)).end(said);
    return;
  }
  const decoder = decoderFor(answer, response);
  const headers = returnedHeaders(answer, head, { isDecoded: decoder !== null });
  response.writeHead(statusCode, statusMessage, headers);
  // Events and long polls: the head must not wait for the first byte of the body.
  response.flushHeaders();
  await (decoder === null ? pipeline(answer, response) : pipeline(answer, decoder, response));
}

/** workerd's whole answer for a Worker that gave none. A Worker's own text has a type. */
const EXCEPTION = "Internal Server Error";

function mayBeException({ statusCode, headers }: IncomingMessage): boolean {
  return (
    statusCode === 500 &&
    headers["content-type"] === undefined &&
    headers["content-length"] === String(EXCEPTION.length)
  );
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Says how long the body is where the client's own header was for its connection only. */
function framing({ headers, method }: IncomingMessage, body: boolean): string[] {
  if (headers["transfer-encoding"] !== undefined) return ["Transfer-Encoding", "chunked"];
  if (body || headers["content-length"] !== undefined || SAFE_METHODS.has(method ?? "")) return [];
  return ["Content-Length", "0"];
}

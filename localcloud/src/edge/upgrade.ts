import { type ClientRequest, type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ScriptAddress } from "../runtime/types.ts";
import { type Answer, sendAnswer, wentAway } from "./answers.ts";
import { relay } from "./forward.ts";
import { type RequestHead, returnedHeaders } from "./head.ts";
import { type EdgeContext, type Routed, askScript, openRequest, routeRequest } from "./upstream.ts";

const UPGRADE_HEADERS = ["Connection", "Upgrade", "Upgrade", "websocket"];

/**
 * Takes a WebSocket handshake to its script; when the script accepts, joins the two connections byte
 * for byte, else passes its refusal on, body included. Never rejects.
 */
export async function forwardUpgrade(
  edge: EdgeContext,
  request: IncomingMessage,
  client: Socket,
  firstBytes: Buffer,
): Promise<void> {
  // Node leaves an upgraded socket to whoever listens; without a listener a reset ends the process.
  client.on("error", () => {});
  const routed = routeRequest(edge, request);
  if ("status" in routed) return refuse(request, client, routed);
  try {
    const answer = await askScript(
      edge,
      routed,
      { canRepeat: true, isClientGone: () => client.destroyed },
      (address) => negotiate(routed, address, { request, client, firstBytes }),
    );
    if (answer === "joined") remember(edge, client, routed);
    else if (answer) refuse(request, client, answer);
  } catch (error) {
    refuse(request, client, wentAway(routed.script, error));
  }
}

function remember({ joined }: EdgeContext, client: Socket, { script, head }: Routed): void {
  if (client.destroyed) return;
  joined.set(client, { script, url: head.url, openedAt: new Date().toISOString() });
  client.once("close", () => joined.delete(client));
}

interface Handshake {
  request: IncomingMessage;
  client: Socket;
  firstBytes: Buffer;
}

/** Null when the script refused, and its refusal was passed on. */
async function negotiate(
  { head }: Routed,
  address: ScriptAddress,
  { request, client, firstBytes }: Handshake,
): Promise<"joined" | null> {
  const outgoing = openRequest(address, request, head, { extra: UPGRADE_HEADERS });
  const abandon = (): void => {
    outgoing.destroy();
  };
  client.once("close", abandon);
  try {
    outgoing.end();
    const outcome = await outcomeOf(outgoing);
    if ("upstream" in outcome) {
      accept(client, outcome, head, firstBytes);
      return "joined";
    }
    await relay(outcome.refusal, responseOn(request, client), head);
    return null;
  } finally {
    client.off("close", abandon);
  }
}

interface Accepted {
  answer: IncomingMessage;
  upstream: Socket;
  firstBytes: Buffer;
}

function outcomeOf(outgoing: ClientRequest): Promise<Accepted | { refusal: IncomingMessage }> {
  const { promise, resolve, reject } = Promise.withResolvers<
    Accepted | { refusal: IncomingMessage }
  >();
  outgoing.once("upgrade", (answer, upstream, firstBytes) =>
    resolve({ answer, upstream, firstBytes }),
  );
  outgoing.once("response", (refusal) => resolve({ refusal }));
  outgoing.on("error", reject);
  return promise;
}

function accept(client: Socket, accepted: Accepted, head: RequestHead, firstBytes: Buffer): void {
  const { answer, upstream } = accepted;
  const headers = [...UPGRADE_HEADERS, ...returnedHeaders(answer, head)];
  let text = "HTTP/1.1 101 Switching Protocols\r\n";
  for (let index = 0; index < headers.length; index += 2) {
    text += `${headers[index]}: ${headers[index + 1]}\r\n`;
  }
  client.write(`${text}\r\n`, "latin1");
  if (accepted.firstBytes.length > 0) client.write(accepted.firstBytes);
  if (firstBytes.length > 0) upstream.write(firstBytes);
  join(client, upstream);
}

/**
 * Each side's end becomes the other's, after all that was sent before it. A pipe stops reading while
 * the other side does not take more, so a slow reader costs a buffer, not memory without bounds.
 */
function join(client: Socket, upstream: Socket): void {
  upstream.on("error", () => {});
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.setTimeout(0);
    from.setNoDelay(true);
    from.pipe(to);
    from.once("close", () => {
      // One that waits until its own words are read takes no more, and so would never come to its end.
      to.unpipe(from).resume();
      to.destroySoon();
    });
  }
}

function refuse(request: IncomingMessage, client: Socket, answer: Answer): void {
  if (client.destroyed) return;
  sendAnswer(responseOn(request, client), answer);
}

/** Node makes no response for an upgrade, as it cannot know that it will be refused. */
function responseOn(request: IncomingMessage, client: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(client);
  response.once("finish", () => {
    response.detachSocket(client);
    client.destroySoon();
  });
  return response;
}

import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Tails } from "../tails/tails.ts";
import { CONTROL_ROOT } from "./control.ts";
import { requireLocal } from "./guard.ts";
import { type TextSocket, acceptWebSocket } from "./websocket.ts";

/** The protocol of Cloudflare's tails. */
const PROTOCOL = "trace-v1";

const TAILS = `${CONTROL_ROOT}/tails/`;

/** Where a tail's events are to be had, below the host that the API was asked at. */
export function tailUrl(host: string, id: string): string {
  return `ws://${host}${TAILS}${id}`;
}

/** Lets clients connect to tails at the API's port. */
export function acceptTails(server: Server, tails: Tails): void {
  server.on("upgrade", (request, socket, head) => {
    acceptTail(tails, request, socket, head).catch(() => socket.destroy());
  });
}

async function acceptTail(
  tails: Tails,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  requireLocal(request.headers);
  const path = request.url ?? "";
  const protocols = (request.headers["sec-websocket-protocol"] ?? "").split(/\s*,\s*/);
  if (!path.startsWith(TAILS)) return refuse(socket, "404 Not Found");
  if (!protocols.includes(PROTOCOL)) return refuse(socket, "400 Bad Request");
  // Asks for events before it says that it is there: whoever sees it open misses none.
  const early: string[] = [];
  let accepted: TextSocket | null = null;
  const connection = await tails.connect(path.slice(TAILS.length), {
    send: (text) => (accepted === null ? void early.push(text) : accepted.send(text)),
    backlogBytes: () => accepted?.backlogBytes() ?? 0,
    close: (code, reason) => accepted?.close(code, reason),
  });
  if (connection === null) return refuse(socket, "404 Not Found");
  accepted = acceptWebSocket(request, socket, {
    protocol: PROTOCOL,
    head,
    onClose: () => connection.disconnect(),
  });
  for (const text of early) accepted.send(text);
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

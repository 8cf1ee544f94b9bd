import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Tails } from "../tails/tails.ts";
import { CONTROL_ROOT } from "./control.ts";
import { requireLocal } from "./guard.ts";
import { type TextSocket, acceptWebSocket, endSocket } from "./websocket.ts";

/** The protocol of Cloudflare's tails. */
const PROTOCOL = "trace-v1";

const TAILS = `${CONTROL_ROOT}/tails/`;

/** Where a tail's events are to be had, below the host that the API was asked at. */
export function tailUrl(host: string, id: string): string {
  return `ws://${host}${TAILS}${id}`;
}

/** Lets clients connect to tails at the API's port. */
export function acceptTails(server: Server, tails: Pick<Tails, "connect">): void {
  server.on("upgrade", (request, socket, head) => {
    // Node leaves the socket to whoever listens; without a listener a reset ends the process.
    socket.on("error", () => socket.destroy());
    acceptTail(tails, request, socket, head).catch(() => socket.destroy());
  });
}

async function acceptTail(
  tails: Pick<Tails, "connect">,
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
  const early: ((client: TextSocket) => void)[] = [];
  let accepted: TextSocket | null = null;
  const tell = (act: (client: TextSocket) => void): void => {
    if (accepted === null) early.push(act);
    else act(accepted);
  };
  const connection = await tails.connect(path.slice(TAILS.length), {
    send: (text) => tell((client) => client.send(text)),
    backlogBytes: () => accepted?.backlogBytes() ?? 0,
    close: (code, reason) => tell((client) => client.close(code, reason)),
  });
  if (connection === null) return refuse(socket, "404 Not Found");
  if (socket.destroyed) return connection.disconnect();
  const client = acceptWebSocket(request, socket, {
    protocol: PROTOCOL,
    head,
    onClose: () => connection.disconnect(),
  });
  accepted = client;
  for (const act of early) act(client);
}

function refuse(socket: Duplex, status: string): void {
  endSocket(socket, `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

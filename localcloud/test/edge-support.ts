import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { type Edge, startEdge } from "../src/edge/edge.ts";
import type { EdgeTable, Runtime } from "../src/runtime/types.ts";

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Routes as `pattern: script`. */
export function tableOf(routes: Record<string, string>): EdgeTable {
  return {
    routes: () => Object.entries(routes).map(([pattern, script]) => ({ pattern, script })),
    domains: () => [],
    isWorkersDevEnabled: () => false,
    versions: () => [],
  };
}

export async function openEdge(runtime: Pick<Runtime, "address">, table: EdgeTable): Promise<Edge> {
  const edge = await startEdge({ port: 0, runtime, table });
  onTestFinished(() => edge.close());
  return edge;
}

export async function ask(
  edge: Edge,
  host: string,
  options: {
    method?: string;
    path?: string;
    headers?: Record<string, string>;
    body?: string;
    connectTo?: string;
  } = {},
): Promise<Reply> {
  const { method = "GET", path = "/", headers = {}, body, connectTo = "127.0.0.1" } = options;
  const outgoing = request({
    host: connectTo,
    port: edge.port,
    method,
    path,
    headers: { host, ...headers },
    agent: false,
  });
  outgoing.end(body);
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  outgoing.on("error", reject);
  outgoing.on("response", (response) => {
    text(response).then(
      (received) =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: received }),
      reject,
    );
  });
  return promise;
}

export function openSocket(edge: Edge, host: string, path = "/"): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${edge.port}${path}`, { headers: { host } });
  onTestFinished(() => {
    socket.on("error", () => {});
    socket.terminate();
  });
  return socket;
}

export async function connected(edge: Edge, host: string): Promise<WebSocket> {
  const socket = openSocket(edge, host);
  await once(socket, "open");
  return socket;
}

export async function echo(socket: WebSocket, message: string): Promise<string> {
  const answer = once(socket, "message");
  socket.send(message);
  return String((await answer)[0]);
}

/** Code and reason. */
export async function closing(socket: WebSocket): Promise<[number, string]> {
  const [code, reason] = await once(socket, "close");
  return [Number(code), String(reason)];
}

/** A runtime whose only script is this bare TCP server. */
export async function bareUpstream(
  onConnection: (socket: Socket) => void,
): Promise<Pick<Runtime, "address">> {
  const server: Server = createServer({ allowHalfOpen: true }, onConnection);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { address: () => Promise.resolve({ host: "127.0.0.1", port, headers: {} }) };
}

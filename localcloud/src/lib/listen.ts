import { once } from "node:events";
import {
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
  createServer,
} from "node:http";
import type { Socket } from "node:net";

/**
 * A server, not yet listening, whose `upgrade` listeners get handshakes of WebSockets. Other upgrades (the
 * h2c of curl and Java) are offers that a server is free not to take, and are ordinary requests. So is a
 * handshake that did not wait for the answer before it: Node would let the two answers mix.
 */
export function createWebServer(options: ServerOptions, onRequest: RequestListener): Server {
  const answering = new WeakMap<Socket, ServerResponse>();
  const shouldUpgradeCallback: ServerOptions["shouldUpgradeCallback"] = ({ headers, socket }) =>
    headers.upgrade?.toLowerCase() === "websocket" && !answering.has(socket);
  return createServer({ ...options, shouldUpgradeCallback }, (request, response) => {
    const { socket } = request;
    answering.set(socket, response);
    response.once("close", () => {
      if (answering.get(socket) === response) answering.delete(socket);
    });
    onRequest(request, response);
  });
}

/**
 * Listens and returns the port, which is another one when 0 was asked for.
 * @throws with `code: "EADDRINUSE"` when the port is taken
 */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen({ host, port });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return address.port;
}

/**
 * Takes no more requests, waits for those under way, and cuts off what is left after `graceMs`.
 * @param options.graceMs milliseconds; 0 waits for nothing
 */
export async function closeServer(server: Server, options: { graceMs: number }): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), options.graceMs);
  await closed;
  clearTimeout(timer);
}

const PORT_PROBLEMS: ReadonlyMap<unknown, string> = new Map([
  ["EADDRINUSE", "is taken by another program. Stop it, or choose another port"],
  ["EACCES", "is not for every user. Choose one above 1023"],
]);

/**
 * The error to throw instead, when `error` is about a port that cannot be had: it names the option, the
 * command's, too, and a way out.
 */
export function portError(error: unknown, option: "port" | "edgePort", port: number): unknown {
  const codes = [error, error instanceof Error ? error.cause : null].map((candidate) =>
    candidate instanceof Error && "code" in candidate ? candidate.code : null,
  );
  const problem = codes.map((code) => PORT_PROBLEMS.get(code)).find((text) => text !== undefined);
  if (problem === undefined) return error;
  const flag = option === "port" ? "--port" : "--edge-port";
  return new Error(`Port ${port} (${option}, ${flag}) ${problem}; 0 takes any free one.`, {
    cause: error,
  });
}

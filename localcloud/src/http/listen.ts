import { once } from "node:events";
import type { Server } from "node:http";

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

/** How long requests under way may take when the server is closed. */
const GRACE_MS = 5_000;

/** Takes no more requests, waits for those under way, and cuts off the ones that take too long. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(timer);
}

import { once } from "node:events";
import type { Server } from "node:net";
import type { Address } from "./address.ts";

/** Has a server of this process listen on loopback. @param port 0 for a free one */
export async function listen(server: Server, port: number): Promise<Address> {
  server.listen({ host: "127.0.0.1", port, backlog: 4_096 });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { port: address.port, pid: process.pid };
}

import { Agent, type Server } from "node:http";
import { Socket } from "node:net";
import { closeServer, createWebServer } from "../lib/listen.ts";
import type { EdgeTable, OpenSocket, Runtime } from "../runtime/types.ts";
import { forwardRequest } from "./forward.ts";
import { forwardUpgrade } from "./upgrade.ts";
import type { EdgeContext } from "./upstream.ts";

export interface EdgeOptions {
  /** 0 takes any free port. */
  port: number;
  table: EdgeTable;
  runtime: Pick<Runtime, "address">;
}

export interface Edge {
  port: number;
  /** The open WebSockets, oldest first. */
  sockets(): OpenSocket[];
  /** Ends all connections, WebSockets too. */
  close(): Promise<void>;
}

/** At Cloudflare a request's headers may have 128 KB. */
const MAX_HEADER_BYTES = 131_072;

/** A client that has not sent its head by then is let go. Node looks every 30 s. */
const HEAD_TIMEOUT_MS = 60_000;

/** How often another free port is tried when only one of the two addresses has it free. */
const MAX_PORT_ATTEMPTS = 20;

/**
 * Serves what the table says on plain HTTP, on 127.0.0.1 and, where there is one, on ::1: clients take
 * `localhost` for either.
 * @throws when the port is taken
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const agent = new Agent({ keepAlive: true });
  const joined = new Map<Socket, OpenSocket>();
  const edge: EdgeContext = { table: options.table, runtime: options.runtime, agent, joined };
  const upgraded = new Set<Socket>();
  const servers = await listenAll(options, () => createEdgeServer(edge, upgraded));
  return {
    port: portOf(servers),
    sockets: () => [...joined.values()],
    async close() {
      agent.destroy();
      for (const socket of upgraded) socket.destroy();
      await Promise.all(servers.map((server) => closeServer(server, { graceMs: 0 })));
    },
  };
}

function createEdgeServer(edge: EdgeContext, upgraded: Set<Socket>): Server {
  const server = createWebServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      // A body may stream for as long as it likes; its head may not, which by default follows.
      requestTimeout: 0,
      headersTimeout: HEAD_TIMEOUT_MS,
    },
    (request, response) => void forwardRequest(edge, request, response),
  );
  server.on("upgrade", (request, stream, firstBytes) => {
    if (!(stream instanceof Socket)) return;
    upgraded.add(stream);
    stream.once("close", () => upgraded.delete(stream));
    void forwardUpgrade(edge, request, stream, firstBytes);
  });
  return server;
}

async function listenAll(options: EdgeOptions, create: () => Server): Promise<Server[]> {
  for (let attempt = 1; ; attempt++) {
    const first = await listen(create(), options.port, "127.0.0.1");
    try {
      return [first, await listen(create(), portOf([first]), "::1")];
    } catch (error) {
      if (!(error instanceof PortTakenError)) return [first];
      await closeServer(first, { graceMs: 0 });
      if (options.port !== 0 || attempt === MAX_PORT_ATTEMPTS) throw error;
    }
  }
}

class PortTakenError extends Error {}

async function listen(server: Server, port: number, host: string): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>();
  // Stays: a failure to accept a connection must not end the process.
  server.on("error", (error) => {
    const isTaken = "code" in error && error.code === "EADDRINUSE";
    const message =
      `The edge cannot listen on port ${port} of ${host}: another program does. ` +
      "Stop that program or choose another port.";
    reject(isTaken ? new PortTakenError(message, { cause: error }) : error);
  });
  server.listen({ port, host }, () => resolve(server));
  return promise;
}

function portOf([server]: readonly Server[]): number {
  const address = server?.address();
  if (typeof address !== "object" || address === null) throw new Error("The edge does not listen.");
  return address.port;
}

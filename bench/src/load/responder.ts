import { type Socket, createServer } from "node:net";
import type { Address } from "../subjects/address.ts";
import { answer } from "../subjects/child.ts";
import { listen } from "../subjects/listen.ts";
import { encodeServerText } from "./server-frames.ts";

// A child process that does nothing but answer: the least that a server in front of the load
// generator can cost, to find out what the generator itself can take.

const ACCEPTED =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

export interface BlastOptions {
  /** Messages that each connection gets; the last says this number. */
  readonly rounds: number;
  /** Messages that are handed to the system together. */
  readonly together: number;
}

/** What the responder does. */
export type Responder = {
  listen(port: number): Promise<Address>;
  blast(options: BlastOptions): Promise<void>;
};

const sockets = new Set<Socket>();

const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  socket.on("error", () => {});
  socket.once("data", (request) => {
    // The page is the number that the visitors wait for.
    const count = Number(/page=%2F(\d+)/.exec(request.toString("latin1"))?.[1]);
    socket.write(Buffer.concat([Buffer.from(ACCEPTED), frameOf(count)]));
  });
});

function frameOf(count: number): Buffer {
  return encodeServerText(JSON.stringify({ type: "count", count, timestamp: Date.now() }));
}

const responder: Responder = {
  listen: (port) => listen(server, port),
  async blast({ rounds, together }) {
    for (let round = 0; round < rounds; round += together) {
      const frames = Array.from({ length: together }, (_, index) => frameOf(round + index + 1));
      const data = Buffer.concat(frames);
      for (const socket of sockets) socket.write(data);
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  },
};

answer(responder);

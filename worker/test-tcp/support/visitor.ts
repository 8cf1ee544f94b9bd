import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { PONG, parseCount } from "@visitor-tracker/protocol";
import { WebSocket } from "ws";
import { ORIGIN } from "./server.ts";

export interface VisitorOptions {
  readonly port: number;
  readonly page: string;
  /** @default one of its own */
  readonly userId?: string;
  /** Appended to the query. @default "&v=2" */
  readonly query?: string;
}

export function freshPage(): string {
  return `${ORIGIN}/${randomUUID()}`;
}

export function joinPath({ page, userId = randomUUID(), query = "&v=2" }: VisitorOptions): string {
  return `/ws?page=${encodeURIComponent(page)}&userId=${userId}${query}`;
}

/** A client over TCP that writes down everything it is told. */
export class Visitor {
  readonly socket: WebSocket;
  readonly messages: string[] = [];
  /** Settles with the code and reason of the close. */
  readonly closed: Promise<[code: number, reason: string]>;
  #waiting: (() => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve([code, reason.toString()]));
    });
    socket.on("error", () => {});
    socket.on("message", (data) => {
      this.messages.push(Buffer.isBuffer(data) ? data.toString() : "not text");
      for (const check of this.#waiting) check();
    });
  }

  static async join(options: VisitorOptions): Promise<Visitor> {
    const url = `ws://127.0.0.1:${options.port}${joinPath(options)}`;
    const visitor = new Visitor(new WebSocket(url, { origin: ORIGIN }));
    await once(visitor.socket, "open");
    return visitor;
  }

  get counts(): number[] {
    return this.messages.flatMap((message) => parseCount(message)?.count ?? []);
  }

  /** Waits until the last of its counts is this one. */
  sees(count: number): Promise<void> {
    return this.until(() => this.counts.at(-1) === count);
  }

  async until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (!holds()) return;
        this.#waiting = this.#waiting.filter((other) => other !== check);
        resolve();
      };
      this.#waiting.push(check);
    });
  }

  /** Pings, and waits for the answer. */
  async ping(): Promise<void> {
    const pongs = (): number => this.messages.filter((message) => message === PONG).length;
    const before = pongs();
    this.socket.send('{"type":"ping"}');
    await this.until(() => pongs() > before);
  }

  async leave(code?: number): Promise<[code: number, reason: string]> {
    this.socket.close(code);
    return this.closed;
  }
}

/** What the page's object says to somebody who only looks. Wakes it. */
export async function countOf(port: number, page: string): Promise<number | undefined> {
  const observer = await Visitor.join({ port, page, query: "&v=2&observe=1" });
  await observer.until(() => observer.counts.length > 0);
  await observer.leave(1000);
  return observer.counts[0];
}

/** Joins by hand, and then does nothing of itself: it answers neither pings nor closes. */
export class MuteVisitor {
  readonly socket: Socket;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("data", (data) => (this.#received = Buffer.concat([this.#received, data])));
  }

  static async join(options: VisitorOptions): Promise<MuteVisitor> {
    const visitor = new MuteVisitor(connect(options.port, "127.0.0.1"));
    visitor.socket.write(
      `GET ${joinPath(options)} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: ${ORIGIN}\r\n` +
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    await once(visitor.socket, "data");
    const [status] = visitor.received.split("\r\n");
    if (status !== "HTTP/1.1 101 Switching Protocols") throw new Error(`refused with ${status}`);
    return visitor;
  }

  /** Every byte so far, the handshake included, as Latin-1. */
  get received(): string {
    return this.#received.toString("latin1");
  }

  /**
   * Waits for a close frame. Not for the end of the connection: workerd 1.20261102.1 ends that of a
   * client which never sent anything only when the object hibernates, ten idle seconds later.
   */
  async receiveClose(): Promise<[code: number, reason: string]> {
    for (;;) {
      // FIN and opcode 8, then a length of two bytes of code and the reason.
      const start = this.#received.indexOf(0x88);
      const length = this.#received[start + 1] ?? 0;
      if (start >= 0 && length >= 2 && this.#received.length >= start + 2 + length) {
        const body = this.#received.subarray(start + 2, start + 2 + length);
        return [body.readUInt16BE(0), body.subarray(2).toString()];
      }
      await once(this.socket, "data");
    }
  }
}

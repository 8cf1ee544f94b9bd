import { type Socket, connect } from "node:net";
import type { Dialect } from "./dialect.ts";
import {
  CLOSE,
  FrameReader,
  type OnFrame,
  PING,
  PONG,
  TEXT,
  encodeClose,
  encodeFrame,
} from "./frames.ts";

export interface VisitorOptions {
  readonly port: number;
  /** Loopback address to connect from: each has its own 28,000 ports. */
  readonly localAddress: string;
  readonly page: string;
  readonly userId: string;
  readonly dialect: Dialect;
  readonly listener: VisitorListener;
}

/** Is told what happens to a visitor. */
export interface VisitorListener {
  /** Connected and accepted. */
  onOpen(visitor: Visitor): void;
  /** A count came; `before` is the one before it, -1 for none. */
  onCount(visitor: Visitor, before: number): void;
  onPong(): void;
  /** Bytes came. */
  onBytes(bytes: number): void;
  /** Gone, by whichever side; the last event. `code` is that of a close frame, else 0. */
  onEnd(visitor: Visitor, code: number): void;
}

/** The site that all visitors are on. */
export const ORIGIN = "https://example.com";
/** Of a handshake; servers do not compare it with others. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const HEAD_END = "\r\n\r\n";

/** All sockets are read into the same memory, one at a time. */
const SHARED = Buffer.alloc(65_536);

/** One client of the load generator: a raw TCP connection that speaks just enough WebSocket. */
export class Visitor {
  readonly page: string;
  readonly userId: string;
  /** What it was told last; -1 for nothing yet. */
  count = -1;
  /** When that came, by `performance.now()`. */
  countedAtMs = 0;
  isOpen = false;
  /** The refusal's status line when it was not accepted. */
  refusal = "";
  readonly #socket: Socket;
  readonly #options: VisitorOptions;
  readonly #reader = new FrameReader();
  #head = "";
  #closeCode = 0;
  #isLeaving = false;

  constructor(options: VisitorOptions) {
    this.#options = options;
    this.page = options.page;
    this.userId = options.userId;
    const { port, localAddress } = options;
    this.#socket = connect({
      host: "127.0.0.1",
      port,
      localAddress,
      noDelay: true,
      onread: {
        buffer: SHARED,
        callback: (bytes) => {
          this.#receive(SHARED.subarray(0, bytes));
          return true;
        },
      },
    });
    this.#socket.on("connect", () => this.#socket.write(this.#handshake()));
    this.#socket.on("error", (error) => (this.refusal ||= error.message));
    this.#socket.on("close", () => {
      this.isOpen = false;
      options.listener.onEnd(this, this.#closeCode);
    });
  }

  send(frame: Buffer): void {
    this.#socket.write(frame);
  }

  /** Leaves as a browser does: a close frame, which the server answers and then ends. */
  leave(): void {
    this.#isLeaving = true;
    this.send(encodeClose(1000));
  }

  /** Leaves without a word. */
  destroy(): void {
    // A reset leaves no port in TIME_WAIT.
    this.#socket.resetAndDestroy();
  }

  #handshake(): string {
    const { dialect, page, port, userId } = this.#options;
    return (
      `GET ${dialect.path(page, userId)} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
      `Origin: ${ORIGIN}\r\n` +
      "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}${HEAD_END}`
    );
  }

  #receive(chunk: Buffer): void {
    this.#options.listener.onBytes(chunk.length);
    if (this.isOpen) this.#readFrames(chunk);
    else this.#readHead(chunk);
  }

  #readHead(chunk: Buffer): void {
    this.#head += chunk.toString("latin1");
    const end = this.#head.indexOf(HEAD_END);
    if (end === -1) return;
    const rest = Buffer.from(this.#head.slice(end + HEAD_END.length), "latin1");
    const status = this.#head.slice(0, this.#head.indexOf("\r\n"));
    this.#head = "";
    if (!status.startsWith("HTTP/1.1 101")) {
      this.refusal ||= status;
      this.#socket.destroy();
      return;
    }
    this.isOpen = true;
    this.#options.listener.onOpen(this);
    this.#readFrames(rest);
  }

  #readFrames(chunk: Buffer): void {
    try {
      this.#reader.read(chunk, this.#onFrame);
    } catch (error) {
      this.refusal = error instanceof Error ? error.message : String(error);
      this.#socket.destroy();
    }
  }

  readonly #onFrame: OnFrame = (opcode, buffer, start, end) => {
    if (opcode === TEXT) this.#readText(buffer, start, end);
    else if (opcode === PING) this.send(encodeFrame(PONG, buffer.subarray(start, end)));
    else if (opcode === CLOSE) this.#onClose(start < end ? buffer.readUInt16BE(start) : 0);
  };

  #readText(buffer: Buffer, start: number, end: number): void {
    const said = this.#options.dialect.read(buffer, start, end);
    if (said.kind === "answer") this.send(said.frame);
    if (said.kind === "pong") this.#options.listener.onPong();
    if (said.kind !== "count") return;
    const before = this.count;
    this.count = said.count;
    this.countedAtMs = performance.now();
    this.#options.listener.onCount(this, before);
  }

  /** Ends the connection, too: workerd leaves it open until its object hibernates. */
  #onClose(code: number): void {
    this.#closeCode = code;
    if (!this.#isLeaving) this.send(encodeClose(1000));
    this.#socket.destroySoon();
  }
}

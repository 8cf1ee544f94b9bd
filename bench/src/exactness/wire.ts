import { type Socket, connect } from "node:net";
import {
  CLOSE,
  FrameReader,
  PROTOCOL_PING,
  PROTOCOL_PONG,
  TEXT,
  closeCodeOf,
  encodeFrame,
} from "./frames.ts";

/** What happens on a connection, in order; `ended` comes once and is the last. */
export interface WireEvents {
  opened(): void;
  /** @param status of the HTTP answer that is no upgrade; `ended` follows */
  refused(status: number): void;
  text(message: string): void;
  /** The answer to a ping of the WebSocket protocol. */
  protocolPong(payload: string): void;
  closeFrame(code: number): void;
  /** The TCP connection is over, from whichever side. */
  ended(): void;
}

/** The same events, as long as they matter. */
export function onlyWhile(matters: () => boolean, events: WireEvents): WireEvents {
  const guarded =
    <Args extends unknown[]>(react: (...args: Args) => void) =>
    (...args: Args): void => {
      if (matters()) react(...args);
    };
  return {
    opened: guarded(() => events.opened()),
    refused: guarded((status: number) => events.refused(status)),
    text: guarded((message: string) => events.text(message)),
    protocolPong: guarded((payload: string) => events.protocolPong(payload)),
    closeFrame: guarded((code: number) => events.closeFrame(code)),
    ended: guarded(() => events.ended()),
  };
}

export interface WireOptions {
  readonly port: number;
  readonly path: string;
}

const END_OF_HEADERS = "\r\n\r\n";

/**
 * A WebSocket over TCP that does nothing by itself: it answers neither closes nor pings, and lets
 * any bytes be sent. So it can be as rude as the network.
 */
export class Wire {
  readonly #socket: Socket;
  readonly #events: WireEvents;
  readonly #frames = new FrameReader();
  #head = "";
  #state: "connecting" | "open" | "ended" = "connecting";

  constructor({ port, path }: WireOptions, events: WireEvents) {
    this.#events = events;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==${END_OF_HEADERS}`,
    );
    this.#socket.on("data", (bytes) => this.#receive(bytes));
    // The close event says all there is to say of an error.
    this.#socket.on("error", () => {});
    this.#socket.on("end", () => this.#socket.destroy());
    this.#socket.on("close", () => this.#end());
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  sendText(message: string): void {
    this.send(encodeFrame(TEXT, message));
  }

  pingProtocol(payload: string): void {
    this.send(encodeFrame(PROTOCOL_PING, payload));
  }

  /** Any bytes; once the connection is over they go nowhere. */
  send(bytes: Buffer): void {
    if (this.#state === "open" && this.#socket.writable) this.#socket.write(bytes);
  }

  /** Half-closes: the server gets a FIN, and can still be read. */
  sendFin(): void {
    this.#socket.end();
  }

  sendReset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Closes both directions, as the end of a process does. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Leaves what comes in the kernel's buffers, until they are full. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #receive(bytes: Buffer): void {
    if (this.#state === "ended") return;
    if (this.#state === "open") return this.#readFrames(bytes);
    this.#head += bytes.toString("latin1");
    const end = this.#head.indexOf(END_OF_HEADERS);
    if (end < 0) return;
    const status = Number(this.#head.slice("HTTP/1.1 ".length).slice(0, 3));
    if (status !== 101) {
      this.#events.refused(status);
      this.#socket.destroy();
      return;
    }
    this.#state = "open";
    this.#events.opened();
    this.#readFrames(Buffer.from(this.#head.slice(end + END_OF_HEADERS.length), "latin1"));
  }

  #readFrames(bytes: Buffer): void {
    for (const { opcode, payload } of this.#frames.read(bytes)) {
      if (opcode === TEXT) this.#events.text(payload.toString());
      else if (opcode === PROTOCOL_PONG) this.#events.protocolPong(payload.toString());
      else if (opcode === CLOSE) this.#events.closeFrame(closeCodeOf(payload));
    }
  }

  #end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#events.ended();
  }
}

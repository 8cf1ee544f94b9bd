import { once } from "node:events";
import { type Socket, connect } from "node:net";

const TEXT = 1;
const BINARY = 2;
const FINAL = 0x80;
const CLOSE = 0x88;
const MASKED = 0x80;

export interface FrameOptions {
  /** Whether it ends its message. @default true */
  readonly isFinal?: boolean;
  /** @default that of text or of binary data, as the payload is */
  readonly opcode?: number;
}

/** A frame from a client, masked with zeros, which leave the payload as it is. */
export function frame(payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const { isFinal = true, opcode = typeof payload === "string" ? TEXT : BINARY } = options;
  const body = Buffer.from(payload);
  const { length } = body;
  const head = Buffer.alloc(length < 126 ? 6 : length < 65_536 ? 8 : 14);
  head[0] = (isFinal ? FINAL : 0) | opcode;
  head[1] = MASKED | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (length >= 65_536) head.writeBigUInt64BE(BigInt(length), 2);
  else if (length >= 126) head.writeUInt16BE(length, 2);
  return Buffer.concat([head, body]);
}

export interface PeerOptions {
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
  readonly origin: string;
  /** Further lines of the request, each with its end. @default "" */
  readonly headers?: string;
}

/** A WebSocket client made by hand, which keeps no rule of its own accord: it answers nothing. */
export class RawPeer {
  readonly socket: Socket;
  /** What became of the handshake, such as `101`; `none` when the connection ended without a word. */
  readonly status: string;
  #closeCode: number | null = null;
  #tail = Buffer.alloc(0);

  static async join(options: PeerOptions): Promise<RawPeer> {
    const { host, port, path, origin, headers = "" } = options;
    const socket = connect({ host, port, noDelay: true });
    socket.on("error", () => {});
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nOrigin: ${origin}\r\n` +
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`,
    );
    const closed = once(socket, "close");
    const first: unknown = await Promise.race([once(socket, "data"), closed]);
    const data: unknown = Array.isArray(first) ? first[0] : null;
    return new RawPeer(socket, Buffer.isBuffer(data) ? data : Buffer.alloc(0));
  }

  /** Of a connection whose handshake has not ended. */
  static halfOpen(socket: Socket): RawPeer {
    return new RawPeer(socket, Buffer.alloc(0));
  }

  private constructor(socket: Socket, first: Buffer) {
    this.socket = socket;
    const end = first.indexOf("\r\n\r\n");
    this.status = first.toString("latin1", 0, end).split(" ")[1] ?? "none";
    if (this.status === "101") this.#read(first.subarray(end + 4));
    socket.on("data", (data) => this.#read(data));
  }

  /**
   * What it has met with: `close 4429` by the server's close frame, `http 429` by its refusal, else
   * `connected`, or `cut` when the connection has just ended.
   */
  get outcome(): string {
    if (this.#closeCode !== null) return `close ${this.#closeCode}`;
    if (this.status !== "101" && this.status !== "none") return `http ${this.status}`;
    return this.socket.destroyed ? "cut" : "connected";
  }

  get isConnected(): boolean {
    return this.status === "101" && !this.socket.destroyed;
  }

  /** Reads nothing from here on. */
  stopReading(): void {
    this.socket.removeAllListeners("data");
    this.socket.pause();
  }

  /** Writes, and waits while the peer's own system takes no more; false when that is not to end. */
  async write(data: Buffer, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || this.socket.destroyed) return false;
    if (this.socket.write(data)) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const goOn = (): void => resolve(true);
    const stop = (): void => resolve(false);
    this.socket.once("drain", goOn).once("close", stop);
    signal.addEventListener("abort", stop);
    const result = await promise;
    this.socket.off("drain", goOn).off("close", stop);
    signal.removeEventListener("abort", stop);
    return result;
  }

  leave(): void {
    this.socket.destroy();
  }

  /** Only the close frame matters. Counts and pongs are JSON: no byte of theirs is like its head. */
  #read(data: Buffer): void {
    if (this.#closeCode !== null) return;
    const all = Buffer.concat([this.#tail, data]);
    const start = all.indexOf(CLOSE);
    if (start >= 0 && all.length >= start + 4) {
      this.#closeCode = all.readUInt16BE(start + 2);
    }
    this.#tail = start >= 0 ? all.subarray(start) : Buffer.alloc(0);
  }
}

import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/** The server's end of a WebSocket that only sends texts. */
export interface TextSocket {
  send: (text: string) => void;
  /** What has been sent and not been taken, in bytes. */
  backlogBytes: () => number;
  close: (code: number, reason: string) => void;
}

const OPCODE = { text: 0x1, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** Longest frame that is taken; wrangler sends some ten bytes. */
const MAX_FRAME_BYTES = 64 * 1024;

/** How long the other side may take to end its half of a connection, too. */
const END_MS = 1_000;

/** Says the last word; who does not end the connection then has it cut, so that it holds up nothing. */
export function endSocket(socket: Duplex, lastWord: string | Buffer): void {
  const timer = setTimeout(() => socket.destroy(), END_MS);
  socket.once("close", () => clearTimeout(timer));
  socket.end(lastWord);
}

/**
 * Answers an upgrade. Not by the package `ws`: wrangler does not mask its frames, and `ws` ends such a
 * connection (wrangler 4.156, `mask: false`). What the client says is read and dropped. Errors of the socket
 * are the caller's to listen to.
 * @param options.onClose called once, whoever closes
 */
export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  options: { protocol: string; head: Buffer; onClose: () => void },
): TextSocket {
  const key = request.headers["sec-websocket-key"] ?? "";
  const accept = createHash("sha1")
    .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${options.protocol}\r\n\r\n`,
  );
  socket.on("close", options.onClose);
  const close = (code: number, reason: string): void => {
    if (!socket.writable) return;
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code);
    payload.write(reason, 2);
    endSocket(socket, frame(OPCODE.close, payload));
  };
  readFrames(socket, options.head, {
    // Who does not take pongs gets no more of them.
    onPing: (payload) =>
      socket.writable && !socket.writableNeedDrain && socket.write(frame(OPCODE.pong, payload)),
    onClose: () => close(1000, ""),
  });
  return {
    send: (text) => void (socket.writable && socket.write(frame(OPCODE.text, Buffer.from(text)))),
    backlogBytes: () => socket.writableLength,
    close,
  };
}

interface FrameHandlers {
  onPing: (payload: Buffer) => void;
  onClose: () => void;
}

function readFrames(socket: Duplex, head: Buffer, handlers: FrameHandlers): void {
  let waiting = Buffer.alloc(0);
  const take = (chunk: Buffer): void => {
    waiting = Buffer.concat([waiting, chunk]);
    for (let found = parseFrame(waiting); found !== null; found = parseFrame(waiting)) {
      if (found === "too long") {
        socket.destroy();
        return;
      }
      waiting = waiting.subarray(found.size);
      if (found.opcode === OPCODE.ping) handlers.onPing(found.payload);
      if (found.opcode === OPCODE.close) handlers.onClose();
    }
  };
  socket.on("data", take);
  take(head);
}

interface Frame {
  opcode: number;
  payload: Buffer;
  /** Of the whole frame, in bytes. */
  size: number;
}

/** The first frame of `bytes`, masked or not; null when it is not whole yet. RFC 6455, section 5.2. */
function parseFrame(bytes: Buffer): Frame | "too long" | null {
  if (bytes.byteLength < 2) return null;
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  if (short === 127) return "too long";
  if (short === 126 && bytes.byteLength < 4) return null;
  const length = short === 126 ? bytes.readUInt16BE(2) : short;
  if (length > MAX_FRAME_BYTES) return "too long";
  const maskAt = short === 126 ? 4 : 2;
  const isMasked = (second & 0x80) !== 0;
  const payloadAt = maskAt + (isMasked ? 4 : 0);
  const size = payloadAt + length;
  if (bytes.byteLength < size) return null;
  const payload = Buffer.from(bytes.subarray(payloadAt, size));
  if (isMasked) {
    for (const index of payload.keys())
      payload[index] = (payload[index] ?? 0) ^ (bytes[maskAt + (index % 4)] ?? 0);
  }
  return { opcode: first & 0x0f, payload, size };
}

/** A whole message in one frame. */
function frame(opcode: number, payload: Buffer): Buffer {
  const length = payload.byteLength;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = 0x80 | opcode;
  header[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (header.byteLength === 4) header.writeUInt16BE(length, 2);
  if (header.byteLength === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}

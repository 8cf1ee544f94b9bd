/** WebSocket opcodes, RFC 6455 section 11.8. */
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PROTOCOL_PING = 9;
export const PROTOCOL_PONG = 10;

export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

const FINAL = 0x80;
const MASKED = 0x80;

/** A client's frame. Its mask is all zeros, which is a mask like any other. */
export function encodeFrame(opcode: number, payload: Buffer | string): Buffer {
  const data = typeof payload === "string" ? Buffer.from(payload) : payload;
  return Buffer.concat([encodeHeader(opcode, data.byteLength), data]);
}

/** The header of a client's frame of that many bytes, with its mask. */
export function encodeHeader(opcode: number, lengthBytes: number): Buffer {
  const mask = Buffer.alloc(4);
  if (lengthBytes < 126) {
    return Buffer.concat([Buffer.from([FINAL | opcode, MASKED | lengthBytes]), mask]);
  }
  const header = Buffer.alloc(10);
  header[0] = FINAL | opcode;
  if (lengthBytes < 2 ** 16) {
    header[1] = MASKED | 126;
    header.writeUInt16BE(lengthBytes, 2);
    return Buffer.concat([header.subarray(0, 4), mask]);
  }
  header[1] = MASKED | 127;
  header.writeBigUInt64BE(BigInt(lengthBytes), 2);
  return Buffer.concat([header, mask]);
}

/** @param code absent for a close without one */
export function encodeClose(code?: number): Buffer {
  const payload = Buffer.alloc(code === undefined ? 0 : 2);
  if (code !== undefined) payload.writeUInt16BE(code);
  return encodeFrame(CLOSE, payload);
}

/** The code of a close frame's payload; 1005 where it has none. */
export function closeCodeOf(payload: Buffer): number {
  return payload.byteLength >= 2 ? payload.readUInt16BE() : 1005;
}

/** Takes bytes from a server as they come, and gives the frames that are complete. */
export class FrameReader {
  #bytes = Buffer.alloc(0);

  /** @throws Error when the server masks or continues a frame, which ours never does */
  read(bytes: Buffer): Frame[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const frames: Frame[] = [];
    for (;;) {
      const frame = this.#next();
      if (frame === null) return frames;
      frames.push(frame);
    }
  }

  #next(): Frame | null {
    const [first, second] = this.#bytes;
    if (first === undefined || second === undefined) return null;
    if ((first & FINAL) === 0 || second >= MASKED) {
      throw new Error(`unexpected frame header ${this.#bytes.subarray(0, 2).toString("hex")}`);
    }
    const start = second < 126 ? 2 : second === 126 ? 4 : 10;
    if (this.#bytes.byteLength < start) return null;
    const length =
      second < 126
        ? second
        : second === 126
          ? this.#bytes.readUInt16BE(2)
          : Number(this.#bytes.readBigUInt64BE(2));
    const end = start + length;
    if (this.#bytes.byteLength < end) return null;
    const payload = this.#bytes.subarray(start, end);
    this.#bytes = this.#bytes.subarray(end);
    return { opcode: first & 0x0f, payload };
  }
}

/** Opcodes of RFC 6455, section 5.2, that are told apart here. */
export const TEXT = 0x1;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

const FINAL = 0x80;
const MASKED = 0x80;
/** Of zeros: what is masked with it stays as it is. Servers take any key. */
const MASK_KEY_BYTES = 4;

/** One whole frame from a client. */
export function encodeFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length > 0xff_ff) throw new RangeError(`${length} bytes are more than a frame here can hold`);
  const isShort = length < 126;
  const header = Buffer.alloc((isShort ? 2 : 4) + MASK_KEY_BYTES);
  header[0] = FINAL | opcode;
  header[1] = MASKED | (isShort ? length : 126);
  if (!isShort) header.writeUInt16BE(length, 2);
  return Buffer.concat([header, payload]);
}

export function encodeText(text: string): Buffer {
  return encodeFrame(TEXT, Buffer.from(text));
}

export function encodeClose(code: number): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return encodeFrame(CLOSE, payload);
}

/** Takes the payload of one frame; the buffer is valid during the call only. */
export type OnFrame = (opcode: number, buffer: Buffer, start: number, end: number) => void;

/**
 * Reads the frames that a server sends on one connection, as they arrive in pieces.
 * Copies nothing but the beginning of a frame whose end has not arrived.
 */
export class FrameReader {
  #rest: Buffer | null = null;

  /** @throws Error for what servers of small messages do not send: masked or fragmented frames */
  read(chunk: Buffer, onFrame: OnFrame): void {
    const buffer = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = null;
    let at = 0;
    while (at < buffer.length) {
      const header = readHeader(buffer, at);
      if (header === null || header.end > buffer.length) {
        this.#rest = Buffer.from(buffer.subarray(at));
        return;
      }
      onFrame(header.opcode, buffer, header.start, header.end);
      at = header.end;
    }
  }
}

interface Header {
  readonly opcode: number;
  readonly start: number;
  readonly end: number;
}

function readHeader(buffer: Buffer, at: number): Header | null {
  const first = buffer[at];
  const second = buffer[at + 1];
  if (first === undefined || second === undefined) return null;
  if ((first & FINAL) === 0 || (first & 0x0f) === 0) throw new Error("a frame is fragmented");
  if ((second & MASKED) !== 0) throw new Error("a frame of the server is masked");
  const opcode = first & 0x0f;
  if (second < 126) return { opcode, start: at + 2, end: at + 2 + second };
  if (second === 127) throw new Error("a frame is larger than 65,535 bytes");
  if (buffer.length < at + 4) return null;
  return { opcode, start: at + 4, end: at + 4 + buffer.readUInt16BE(at + 2) };
}

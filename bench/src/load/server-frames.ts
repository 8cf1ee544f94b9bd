import { TEXT } from "./frames.ts";

/** One text frame as a server sends it: unmasked. @param text of less than 126 bytes */
export function encodeServerText(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length > 125)
    throw new RangeError(`${payload.length} bytes do not fit a short frame`);
  return Buffer.concat([Buffer.from([0x80 | TEXT, payload.length]), payload]);
}

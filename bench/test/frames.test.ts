import { expect, test } from "vitest";
import { CLOSE, FrameReader, TEXT, encodeClose, encodeText } from "../src/load/frames.ts";
import { encodeServerText } from "../src/load/server-frames.ts";

interface Read {
  readonly opcode: number;
  readonly text: string;
}

function readAll(chunks: readonly Buffer[]): Read[] {
  const reader = new FrameReader();
  const frames: Read[] = [];
  for (const chunk of chunks) {
    reader.read(chunk, (opcode, buffer, start, end) => {
      frames.push({ opcode, text: buffer.toString("utf8", start, end) });
    });
  }
  return frames;
}

/** As a server sends a payload too long for the short form. */
function longFrame(text: string): Buffer {
  const header = Buffer.from([0x80 | TEXT, 126, 0, 0]);
  header.writeUInt16BE(Buffer.byteLength(text), 2);
  return Buffer.concat([header, Buffer.from(text)]);
}

test("frames that arrive together are read one by one", () => {
  const bytes = Buffer.concat([encodeServerText("one"), encodeServerText("two")]);

  expect(readAll([bytes])).toStrictEqual([
    { opcode: TEXT, text: "one" },
    { opcode: TEXT, text: "two" },
  ]);
});

test("a frame is read wherever the network cut it", () => {
  const long = "ü".repeat(100);
  const bytes = Buffer.concat([encodeServerText("one"), longFrame(long), encodeServerText("two")]);
  const whole = readAll([bytes]);

  expect(whole.map(({ text }) => text)).toStrictEqual(["one", long, "two"]);
  for (let cut = 1; cut < bytes.length; cut++) {
    expect(readAll([bytes.subarray(0, cut), bytes.subarray(cut)])).toStrictEqual(whole);
  }
  expect(readAll(Array.from(bytes, (byte) => Buffer.from([byte])))).toStrictEqual(whole);
});

test("what is kept of a frame survives that the memory it came in is used again", () => {
  const reader = new FrameReader();
  const shared = Buffer.from(encodeServerText("hello").subarray(0, 4));
  const texts: string[] = [];
  const onFrame = (_opcode: number, buffer: Buffer, start: number, end: number): void => {
    texts.push(buffer.toString("utf8", start, end));
  };

  reader.read(shared, onFrame);
  shared.fill(0);
  reader.read(encodeServerText("hello").subarray(4), onFrame);

  expect(texts).toStrictEqual(["hello"]);
});

test("fragmented and masked frames of a server are errors, not garbage", () => {
  expect(() => readAll([Buffer.from([TEXT, 1, 65])])).toThrow("a frame is fragmented");
  expect(() => readAll([encodeText("hello")])).toThrow("a frame of the server is masked");
});

test("frames of a client are masked, with a length in the form that it needs", () => {
  expect([...encodeText("hi")]).toStrictEqual([0x81, 0x82, 0, 0, 0, 0, 104, 105]);
  expect([...encodeText("x".repeat(126)).subarray(0, 4)]).toStrictEqual([0x81, 0xfe, 0, 126]);
  expect([...encodeClose(1000)]).toStrictEqual([0x80 | CLOSE, 0x82, 0, 0, 0, 0, 3, 232]);
});

import { expect, test } from "vitest";
import { type Said, dialectOf } from "../src/load/dialect.ts";
import { encodeText } from "../src/load/frames.ts";

function said(name: "contract" | "product" | "socket.io", text: string): Said {
  // Between other bytes, as in the memory that all connections share.
  const buffer = Buffer.from(`:9${text}:9`);
  return dialectOf(name).read(buffer, 2, buffer.length - 2);
}

test("the count is read, and not the time that follows it", () => {
  const text = '{"type":"count","count":9500,"timestamp":1795527809227}';

  expect(said("contract", text)).toStrictEqual({ kind: "count", count: 9_500 });
  expect(said("product", text)).toStrictEqual({ kind: "count", count: 9_500 });
});

test("a pong is not a count", () => {
  expect(said("product", '{"type":"pong"}')).toStrictEqual({ kind: "pong" });
});

test("text without a number says nothing", () => {
  expect(said("contract", '{"type":"count","count":null}')).toStrictEqual({ kind: "other" });
});

test("Socket.IO's packets are told apart and answered", () => {
  const connect = { kind: "answer", frame: encodeText("40") };
  const pong = { kind: "answer", frame: encodeText("3") };
  const event = '42["count",{"type":"count","count":17,"timestamp":1795527809227}]';

  expect(said("socket.io", '0{"sid":"abc","pingInterval":25000}')).toStrictEqual(connect);
  expect(said("socket.io", "2")).toStrictEqual(pong);
  expect(said("socket.io", event)).toStrictEqual({ kind: "count", count: 17 });
  expect(said("socket.io", '40{"sid":"abc"}')).toStrictEqual({ kind: "other" });
});

test("only the product's client pings, and sends the contract's heartbeat when it is to sweep", () => {
  const ping = encodeText('{"type":"ping"}');
  const product = dialectOf("product");

  expect(product.heartbeat("/a", "visitor-1", false)).toStrictEqual(ping);
  expect(product.heartbeat("/a", "visitor-1", true)?.includes('"type":"heartbeat"')).toBe(true);
  expect(dialectOf("contract").heartbeat("/a", "visitor-1", false)?.includes("heartbeat")).toBe(
    true,
  );
  expect(dialectOf("socket.io").heartbeat("/a", "visitor-1", true)).toBeNull();
});

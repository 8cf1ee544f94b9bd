import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { onTestFinished } from "vitest";

/** A connection by hand, which stays open when the other side has ended; it is cut with the test. */
export async function rawSocket(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, "connect");
  return socket;
}

/** A handshake of a WebSocket, byte for byte. */
export function handshake(
  path: string,
  options: { host?: string; protocol?: string } = {},
): string {
  const { host = "localhost", protocol } = options;
  return [
    `GET ${path} HTTP/1.1`,
    `host: ${host}`,
    "connection: upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    ...(protocol === undefined ? [] : [`sec-websocket-protocol: ${protocol}`]),
    "\r\n",
  ].join("\r\n");
}

/** What comes until `end` is in it; the connection stays open. */
export async function readUntil(socket: Socket, end: string): Promise<string> {
  let text = "";
  while (!text.includes(end)) {
    const [chunk] = await once(socket, "data");
    text += String(chunk);
  }
  return text;
}

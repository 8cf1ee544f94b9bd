import { createHash } from "node:crypto";
import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { text } from "node:stream/consumers";
import { setImmediate } from "node:timers/promises";
import { onTestFinished, describe, expect, test } from "vitest";
import type WebSocket from "ws";
import type { Edge } from "../src/edge/edge.ts";
import {
  bareUpstream,
  closing,
  connected,
  echo,
  openEdge,
  openSocket,
  tableOf,
} from "./edge-support.ts";
import { counterScript, script, scripts, startRuntime } from "./runtime-support.ts";

const ACCEPTED =
  "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
const HANDSHAKE =
  "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n" +
  "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/** A TCP connection that has sent a handshake. */
async function rawSocket(edge: Edge): Promise<Socket> {
  const socket = connect({ port: edge.port, host: "127.0.0.1", allowHalfOpen: true });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, "connect");
  socket.write(HANDSHAKE);
  return socket;
}

async function refusal(socket: WebSocket): Promise<{ status: number; body: string }> {
  const [, response] = await once(socket, "unexpected-response");
  return { status: response.statusCode, body: await text(response) };
}

describe("WebSockets through the edge", { timeout: 60_000 }, () => {
  test("messages, and close codes in both directions", async () => {
    const runtime = await startRuntime();
    await runtime.deploy("a", scripts(counterScript("a", "v1")));
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));

    const asking = await connected(edge, "localhost");
    expect(await echo(asking, "hello")).toBe("hello");
    asking.send("close");
    expect(await closing(asking)).toEqual([4001, "as asked"]);

    const leaving = await connected(edge, "localhost");
    leaving.close(4007, "enough");
    expect(await closing(leaving)).toEqual([4007, "enough"]);
  });

  test("a message of 1 MB arrives whole", async () => {
    const runtime = await startRuntime();
    await runtime.deploy("a", scripts(counterScript("a", "v1")));
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));
    const big = "x".repeat(1_000_000);
    expect(await echo(await connected(edge, "localhost"), big)).toBe(big);
  });

  test("a refusal reaches the client with its body", async () => {
    const runtime = await startRuntime();
    const code =
      "export default { fetch: () => Response.json({ error: 'origin' }, { status: 403 }) };";
    await runtime.deploy("a", scripts(script("a", code)));
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));
    expect(await refusal(openSocket(edge, "localhost"))).toEqual({
      status: 403,
      body: '{"error":"origin"}',
    });
  });

  test("a handshake for a host that leads nowhere is refused with the edge's answer", async () => {
    const runtime = await startRuntime();
    const edge = await openEdge(runtime, tableOf({}));
    const { status, body } = await refusal(openSocket(edge, "other.test"));
    expect([status, body.split("\n")[1]]).toEqual([530, "No Worker for http://other.test/"]);
  });

  test("an upstream that resets every handshake gives 520, and the edge lives on", async () => {
    const runtime = await bareUpstream((socket) => socket.resetAndDestroy());
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));
    expect((await refusal(openSocket(edge, "localhost"))).status).toBe(520);
    expect((await refusal(openSocket(edge, "localhost"))).status).toBe(520);
  });

  test("an open socket whose upstream dies closes with 1006", async () => {
    const upstream = Promise.withResolvers<Socket>();
    const runtime = await bareUpstream((socket) => {
      socket.once("data", (data) => {
        const key = /sec-websocket-key: (\S+)/i.exec(String(data))?.[1];
        const accept = `\r\nsec-websocket-accept: ${acceptValue(key ?? "")}\r\n\r\n`;
        socket.write(ACCEPTED.replace("\r\n\r\n", accept));
        upstream.resolve(socket);
      });
    });
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));
    const socket = await connected(edge, "localhost");
    socket.on("error", () => {});
    (await upstream.promise).resetAndDestroy();
    expect(await closing(socket)).toEqual([1006, ""]);
  });

  test("what is said after the other side's end still arrives", async () => {
    const runtime = await bareUpstream((socket) => {
      socket.once("data", () => socket.write(ACCEPTED));
      socket.once("end", () => socket.end("last words"));
    });
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));
    const socket = await rawSocket(edge);
    await once(socket, "data");
    socket.end();
    expect(await text(socket)).toBe("last words");
  });

  test("a client that is reset takes its upstream with it", async () => {
    const gone = Promise.withResolvers<void>();
    const runtime = await bareUpstream((socket) => {
      socket.once("data", () => socket.write(ACCEPTED));
      socket.on("end", () => gone.resolve());
      socket.on("error", () => gone.resolve());
    });
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));
    const socket = await rawSocket(edge);
    await once(socket, "data");
    socket.resetAndDestroy();
    await expect(gone.promise).resolves.toBeUndefined();
  });

  test("a client that does not read holds its upstream back, and gets everything when it does", async () => {
    const total = 256 * 1_048_576;
    const chunk = Buffer.alloc(1_048_576);
    let sent = 0;
    const runtime = await bareUpstream((socket) => {
      const pour = (): void => {
        while (sent < total) {
          sent += chunk.length;
          if (!socket.write(chunk)) return;
        }
        socket.end();
      };
      socket.once("data", () => {
        socket.write(ACCEPTED);
        socket.on("drain", pour);
        pour();
      });
    });
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));
    const socket = await rawSocket(edge);
    await once(socket, "readable");
    const before = process.memoryUsage().arrayBuffers;
    await stalled(() => sent);
    // Two kernel buffers and two of Node's lie between; not the whole.
    expect(sent).toBeLessThan(total / 2);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1_048_576);
    let received = 0;
    socket.on("data", (data: Buffer) => (received += data.length));
    await once(socket, "end");
    expect(received).toBeGreaterThanOrEqual(total);
  });

  test("a client that vanishes and has read nothing takes its upstream with it", async () => {
    const gone = Promise.withResolvers<void>();
    const runtime = await bareUpstream((socket) => {
      socket.once("data", () => {
        socket.write(ACCEPTED);
        // Reads no more than it can answer, as workerd does.
        socket.pipe(socket);
      });
      socket.on("error", () => {}).once("close", () => gone.resolve());
    });
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));
    const socket = await rawSocket(edge);
    await once(socket, "readable");
    const chunk = Buffer.alloc(65_536);
    let sent = 0;
    const pour = (): void => {
      do sent += chunk.length;
      while (socket.write(chunk));
    };
    socket.on("drain", pour);
    pour();
    await stalled(() => sent);
    socket.resetAndDestroy();
    await expect(gone.promise).resolves.toBeUndefined();
  });
});

/** Resolves when a number has not changed for a thousand turns of the event loop. */
async function stalled(read: () => number): Promise<void> {
  for (let calm = 0, last = read(); calm < 1_000; calm++) {
    await setImmediate();
    if (read() === last) continue;
    last = read();
    calm = 0;
  }
}

function acceptValue(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

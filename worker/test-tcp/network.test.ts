import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ORIGIN, type Server, startServer } from "./support/server.ts";
import { Visitor, MuteVisitor, countOf, freshPage, joinPath } from "./support/visitor.ts";

let server: Server;
let port: number;

beforeAll(async () => {
  server = await startServer();
  ({ port } = server);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Two visitors who have seen each other. */
async function couple(): Promise<{ page: string; ada: Visitor; bob: Visitor }> {
  const page = freshPage();
  const ada = await Visitor.join({ port, page });
  const bob = await Visitor.join({ port, page });
  await Promise.all([ada.sees(2), bob.sees(2)]);
  return { page, ada, bob };
}

describe("the closing handshake", () => {
  test.for([
    [1000, 1000],
    [3001, 3001],
    [4000, 4000],
    [undefined, 1005],
  ] as const)(
    "with code %s is completed with %s, and the other is told 1",
    async ([code, expected]) => {
      const { page, ada, bob } = await couple();
      const [closeCode] = await bob.leave(code);
      await ada.sees(1);
      expect(closeCode).toBe(expected);
      expect(ada.counts).toEqual([1, 2, 1]);
      expect(await countOf(port, page)).toBe(1);
    },
  );

  test("is completed when the object was asleep", async () => {
    const { page, ada, bob } = await couple();
    await server.evict(page);
    expect(await bob.leave(1000)).toEqual([1000, ""]);
    await ada.sees(1);
    expect(ada.counts).toEqual([1, 2, 1]);
  });

  test("of the last visitor leaves nobody counted", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ port, page });
    await ada.leave(1000);
    expect(await countOf(port, page)).toBe(0);
  });
});

describe("a visitor whose connection ends without a handshake has left at once", () => {
  test("when the process is killed", async () => {
    const { ada, bob } = await couple();
    bob.socket.terminate();
    await ada.sees(1);
    expect(ada.counts).toEqual([1, 2, 1]);
  });

  test.for(["FIN", "RST"] as const)("by %s, awake or asleep", async (how) => {
    for (const isAsleep of [false, true]) {
      const page = freshPage();
      const ada = await Visitor.join({ port, page });
      const mute = await MuteVisitor.join({ port, page });
      await ada.sees(2);
      if (isAsleep) await server.evict(page);
      if (how === "RST") mute.socket.resetAndDestroy();
      else mute.socket.end();
      await ada.sees(1);
      mute.socket.destroy();
      expect(ada.counts).toEqual([1, 2, 1]);
    }
  });

  test("after bytes that are no WebSocket frame", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ port, page });
    const mute = await MuteVisitor.join({ port, page });
    await ada.sees(2);
    mute.socket.write(Buffer.alloc(64, 0xff));
    await ada.sees(1);
    mute.socket.destroy();
    expect(ada.counts).toEqual([1, 2, 1]);
  });

  test("after a message larger than the platform takes", async () => {
    const { page, ada, bob } = await couple();
    bob.socket.send(Buffer.alloc(33 * 1024 * 1024, "a").toString());
    await ada.sees(1);
    expect(await countOf(port, page)).toBe(1);
  });
});

describe("asleep", () => {
  test("pings are answered, and the object is not in memory afterwards", async () => {
    const { page, ada, bob } = await couple();
    await server.evict(page);
    for (let number = 0; number < 20; number++) await Promise.all([ada.ping(), bob.ping()]);
    await expect(server.evict(page)).rejects.toThrow("not currently running");
    expect(await countOf(port, page)).toBe(2);
  });

  test("tabs are told apart from visitors through any number of sleeps", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ port, page });
    const tabs = [];
    for (let number = 0; number < 3; number++) {
      tabs.push(await Visitor.join({ port, page, userId: "bob-bob-bob" }));
    }
    await ada.sees(2);
    for (const tab of tabs) {
      expect(await countOf(port, page)).toBe(2);
      await server.evict(page);
      await tab.leave(1000);
    }
    await ada.sees(1);
    expect(ada.counts).toEqual([1, 2, 1]);
  });
});

test("compression is not negotiated, though the client offers it", async () => {
  const { ada } = await couple();
  expect(ada.socket.extensions).toBe("");
});

test("a client without an Origin header and a parameter more is served", async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?page=/test&userId=test-user-123`);
  const [data]: unknown[] = await once(socket, "message");
  expect(String(data)).toMatch(/^\{"type":"count","count":1,"timestamp":\d{13}\}$/);
  socket.close();
  await once(socket, "close");
});

test("a refused upgrade is an HTTP answer that says why", async () => {
  const path = joinPath({ port, page: freshPage() });
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { origin: "https://evil.test" });
  socket.on("error", () => {});
  const status = await new Promise((resolve) => {
    socket.on("unexpected-response", (_request, response) => {
      response.resume();
      resolve([response.statusCode, response.headers["content-type"]]);
    });
  });
  expect(status).toEqual([403, "application/json"]);
  const plain = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { Origin: "https://evil.test" },
  });
  expect(await plain.json()).toEqual({
    error: {
      code: "origin_not_allowed",
      message: "origin 'https://evil.test' is not served here; add it to allowedOrigins",
    },
  });
});

test("the bundle says which one it is", async () => {
  const response = await fetch(`http://127.0.0.1:${port}/health`, { headers: { Origin: ORIGIN } });
  expect(response.headers.get("Visitor-Tracker-Version")).toMatch(/^[\da-f]{12}$/);
  expect(Object.keys(JSON.parse(await response.text()))).toEqual(["status", "timestamp"]);
});

test("a thousand who join at once all see 1,000, for a tenth of one message per pair", async () => {
  const page = freshPage();
  const joins = Array.from({ length: 1_000 }, () => Visitor.join({ port, page }));
  const visitors = await Promise.all(joins);
  await Promise.all(visitors.map((visitor) => visitor.sees(1_000)));
  const messages = visitors.reduce((sum, { counts }) => sum + counts.length, 0);
  expect(messages).toBeLessThan(50_050);
  for (const visitor of visitors.slice(1)) visitor.socket.terminate();
  await visitors[0]?.sees(1);
});

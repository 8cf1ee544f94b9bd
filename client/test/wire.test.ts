import { isFinalClose, serializeCount } from "@visitor-tracker/protocol";
import { describe, expect, test, vi } from "vitest";
import { FakeWebSocket, socketAt } from "./fake-websocket.ts";
import { settle, USER_ID, withFreshPage, visit, visitLive } from "./page.ts";

withFreshPage();

describe("the address", () => {
  const query = "?page=http%3A%2F%2Flocalhost%3A3000%2Fposts%2Fhello";
  const tail = `&userId=${USER_ID}&v=2`;

  test.for([
    { endpoint: undefined, base: "ws://localhost:3000/ws" },
    { endpoint: "", base: "ws://localhost:3000/ws" },
    { endpoint: "/live", base: "ws://localhost:3000/live/ws" },
    { endpoint: "https://count.example.com", base: "wss://count.example.com/ws" },
    { endpoint: "https://count.example.com/", base: "wss://count.example.com/ws" },
    { endpoint: "https://example.com/live", base: "wss://example.com/live/ws" },
    { endpoint: "https://example.com/live/", base: "wss://example.com/live/ws" },
    { endpoint: "http://localhost:8788", base: "ws://localhost:8788/ws" },
    { endpoint: "wss://count.example.com", base: "wss://count.example.com/ws" },
  ])("for the endpoint $endpoint is $base with page, userId and v=2", ({ endpoint, base }) => {
    visit({ endpoint, visitorId: USER_ID });
    expect(socketAt(0).url).toBe(base + query + tail);
  });

  test("names the page that was asked for", () => {
    visit({ page: "/a b/ü&v=3", visitorId: USER_ID });
    const { searchParams } = new URL(socketAt(0).url);
    expect([...searchParams]).toEqual([
      ["page", "/a b/ü&v=3"],
      ["userId", USER_ID],
      ["v", "2"],
    ]);
  });

  test("has neither the query nor the fragment of the visitor's address", () => {
    history.replaceState(null, "", "/reset?token=secret#secret");
    visit();
    expect(new URL(socketAt(0).url).searchParams.get("page")).toBe("http://localhost:3000/reset");
    expect(socketAt(0).url).not.toContain("secret");
  });

  test("carries the stored id", () => {
    localStorage.setItem("visitor-tracker-id", "a-stored-visitor-id");
    visit({});
    expect(new URL(socketAt(0).url).searchParams.get("userId")).toBe("a-stored-visitor-id");
  });

  test("asks only to observe for a visitor who objects to tracking", () => {
    vi.stubGlobal("navigator", { doNotTrack: "1" });
    visit();
    expect([...new URL(socketAt(0).url).searchParams.keys()]).toEqual([
      "page",
      "userId",
      "observe",
      "v",
    ]);
    expect(new URL(socketAt(0).url).searchParams.get("observe")).toBe("1");
  });
});

describe("what is heard", () => {
  test("a count is shown as it came", () => {
    const { state, heard } = visit();
    expect(state()).toEqual({ count: undefined, status: "connecting" });
    socketAt(0).accept().sayCount(3);
    expect(state()).toEqual({ count: 3, status: "live" });
    socketAt(0).sayCount(0);
    expect(heard).toEqual([
      { count: 3, status: "live" },
      { count: 0, status: "live" },
    ]);
  });

  test("the same count again wakes no listener and gives the same snapshot", () => {
    const [{ state, heard }, socket] = visitLive(3);
    const before = state();
    socket.sayCount(3).sayPong();
    expect(state()).toBe(before);
    expect(heard).toHaveLength(1);
  });

  test("counts up to the largest the protocol can say", () => {
    const [{ state }] = visitLive(Number.MAX_SAFE_INTEGER);
    expect(state().count).toBe(Number.MAX_SAFE_INTEGER);
  });

  test("a server that adds white space or fields is understood", () => {
    const [{ state }, socket] = visitLive(1);
    socket.say('{ "type": "count", "count": 12, "timestamp": 5, "peak": 40 }');
    expect(state().count).toBe(12);
    socket.say('{"type":"count","timestamp":5,"count":13}');
    expect(state().count).toBe(13);
  });

  test.for([
    "",
    "null",
    "17",
    "[]",
    "not json",
    '{"type":"count"}',
    '{"type":"count","count":"9"}',
    '{"type":"count","count":-9}',
    '{"type":"count","count":null}',
    '{"type":"other","count":9}',
    '{"type":"pong","count":9}',
    new ArrayBuffer(8),
    serializeCount(9, 1).slice(0, 16),
  ])("%j changes nothing and throws nothing", (frame) => {
    const [{ state }, socket] = visitLive(2);
    expect(() => socket.say(frame)).not.toThrow();
    expect(state()).toEqual({ count: 2, status: "live" });
  });
});

describe("close codes", () => {
  const codes = [1000, 1001, 1005, 1006, 1008, 1009, 1011, 1012, 1013, 3000, 4000, 4399, 4500];
  for (let code = 4400; code < 4500; code++) codes.push(code);

  test("exactly the protocol's final ones stop the counter", async () => {
    for (const code of codes) {
      const before = FakeWebSocket.made.length;
      const { state, leave } = visit();
      socketAt(before).accept().sayPong().sayCount(2).lose(code, "because");
      const expected = isFinalClose(code) ? "stopped" : "retrying";
      expect([code, state().status]).toEqual([code, expected]);
      leave();
      await settle();
    }
  });

  test("a final one is said once, with the server's reason", () => {
    const [, socket] = visitLive(2);
    socket.lose(4429, "too many tabs");
    expect(console.warn).toHaveBeenCalledExactlyOnceWith(
      "Visitor count stopped:",
      "4429 too many tabs",
    );
  });

  test("leaving says goodbye with 1000", async () => {
    const [{ leave, state }, socket] = visitLive(2);
    leave();
    await settle();
    expect(socket.closedWith).toBe(1000);
    expect(state()).toEqual({ count: undefined, status: "idle" });
  });
});

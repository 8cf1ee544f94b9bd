import { describe, expect, test, vi } from "vitest";
import { createVisitorCounter, type VisitorCounterOptions } from "../src/index.ts";
import { FakeWebSocket, liveSockets, socketAt } from "./fake-websocket.ts";
import { refuseHandshakes, settle, visit, visitLive, withFreshPage } from "./page.ts";

withFreshPage();

/** Of the real clock. */
const nowMs = performance.now.bind(performance);

/** Options as JavaScript gives them, where no compiler looks. */
function unchecked(json: string): VisitorCounterOptions {
  return JSON.parse(json);
}

/** As a page does whose element is gone. */
function joinThrowing(): () => void {
  return createVisitorCounter().subscribe(() => {
    throw new Error("no such element");
  });
}

describe("a listener that throws", () => {
  test("does not keep a lost connection from being made again", async () => {
    const leave = joinThrowing();
    expect(() => socketAt(0).refuse()).toThrow("no such element");
    await expect(vi.advanceTimersByTimeAsync(500)).rejects.toThrow("no such element");
    expect(FakeWebSocket.made).toHaveLength(2);
    expect(() => socketAt(1).accept().sayCount(1)).toThrow("no such element");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(socketAt(1).sent).toHaveLength(2);
    leave();
  });

  test("does not keep a hidden page connected", () => {
    const leave = joinThrowing();
    window.addEventListener("error", (event) => event.preventDefault(), { once: true });
    window.dispatchEvent(new Event("pagehide"));
    expect(socketAt(0).closedWith).toBe(1000);
    leave();
  });
});

describe("timing that is no time", () => {
  test.for([Number.NaN, 0])(
    "maxBackoff %s is 60 s, not a storm of attempts",
    async (maxBackoff) => {
      visit({ maxBackoff });
      await refuseHandshakes(8);
      const before = FakeWebSocket.made.length;
      socketAt(before - 1).refuse();
      await vi.advanceTimersByTimeAsync(29_999);
      expect(FakeWebSocket.made).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeWebSocket.made).toHaveLength(before + 1);
    },
  );

  test.for([Number.NaN, 0, -1])(
    "heartbeat %s asks once in `timeout`, not more",
    async (heartbeat) => {
      const [, socket] = visitLive(1, { heartbeat });
      for (let second = 0; second < 60; second++) {
        await vi.advanceTimersByTimeAsync(1_000);
        socket.sayPong();
      }
      expect(socket.sent).toHaveLength(12);
    },
  );

  test("timeout 0 waits ever longer between attempts", async () => {
    visit({ timeout: 0 });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeWebSocket.made.length).toBeLessThan(30);
  });
});

describe("options of the wrong kind", () => {
  test.for([
    '{"endpoint":null}',
    '{"endpoint":17}',
    '{"endpoint":{}}',
    '{"endpoint":"javascript:alert(1)"}',
    '{"endpoint":"//["}',
  ])("%s stop with one warning and throw nothing", (json) => {
    vi.stubGlobal("WebSocket", WebSocketOfBrowsers);
    const { state } = visit(unchecked(json));
    expect(state()).toEqual({ count: undefined, status: "stopped" });
    expect(console.warn).toHaveBeenCalledOnce();
  });

  test("a page and an id of any text are sent as they are, for the server to refuse", () => {
    const options = { page: "\u{1F98A}\0 &v=1#?", visitorId: "é&page=/other" };
    visit(options);
    const { searchParams } = new URL(socketAt(0).url);
    expect([searchParams.get("page"), searchParams.get("userId")]).toEqual([
      options.page,
      options.visitorId,
    ]);
    expect(searchParams.get("v")).toBe("2");
  });

  test("without WebSocket it stops with one warning", () => {
    vi.stubGlobal("WebSocket", undefined);
    expect(visit().state().status).toBe("stopped");
    expect(console.warn).toHaveBeenCalledOnce();
  });
});

test("joining and leaving a thousand times in a row ends with one socket", async () => {
  for (let time = 0; time < 1_000; time++) {
    const { leave } = visit();
    if (time < 999) leave();
  }
  await settle();
  expect([FakeWebSocket.made.length, liveSockets()]).toEqual([1, 0]);
  expect(socketAt(0).closedWith).toBeNull();
});

/** Refuses addresses as browsers do. */
class WebSocketOfBrowsers extends FakeWebSocket {
  constructor(url: string) {
    super(url);
    if (!/^wss?:/.test(url)) throw new DOMException(`bad scheme: ${url}`, "SyntaxError");
  }
}

describe("a long message", () => {
  const word = '"count":';
  const length = 160_000;

  test.for([
    { name: "words", part: '"count"' },
    { name: "keys", part: word },
    { name: "keys and spaces", part: word + " ".repeat(1_000) },
  ])("of many $name is looked through in a moment", ({ part }) => {
    const [{ state }, socket] = visitLive(2);
    const startedMs = nowMs();
    socket.say(part.repeat(length / part.length));
    // It takes 0.1 s, and half a minute when each word is held against each other.
    expect(nowMs() - startedMs).toBeLessThan(5_000);
    expect(state()).toEqual({ count: 2, status: "live" });
  });
});

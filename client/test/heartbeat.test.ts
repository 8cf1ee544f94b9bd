import { PING, serializeHeartbeat } from "@visitor-tracker/protocol";
import { describe, expect, test, vi } from "vitest";
import { FakeWebSocket, socketAt } from "./fake-websocket.ts";
import { NOW, USER_ID, visit, visitLive, withFreshPage } from "./page.ts";

withFreshPage();

describe("signs of life", () => {
  test("the exact ping goes out on opening and every 20 s after", async () => {
    const [, socket] = visitLive(1);
    expect(socket.sent).toEqual([PING]);
    await vi.advanceTimersByTimeAsync(19_999);
    expect(socket.sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(socket.sent).toEqual([PING, PING]);
    socket.sayPong();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(socket.sent).toEqual([PING, PING, PING]);
  });

  test("messages from the server do not postpone the next ping", async () => {
    const [, socket] = visitLive(1);
    for (let second = 1; second < 20; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      socket.sayCount(second).sayPong();
    }
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket.sent).toEqual([PING, PING]);
  });

  test("heartbeat sets the interval", async () => {
    const [, socket] = visitLive(1, { heartbeat: 7_000 });
    await vi.advanceTimersByTimeAsync(7_000);
    expect(socket.sent).toEqual([PING, PING]);
  });

  test("of two quiet visitors each also sends the contract's heartbeat with every ping", async () => {
    const [, socket] = visitLive(2);
    await vi.advanceTimersByTimeAsync(20_000);
    const page = "http://localhost:3000/posts/hello";
    expect(socket.sent).toEqual([PING, serializeHeartbeat(USER_ID, page, NOW + 20_000), PING]);
  });

  test("a visitor who is alone never wakes the server", async () => {
    vi.mocked(Math.random).mockReturnValue(0);
    const [, socket] = visitLive(1);
    for (let beat = 0; beat < 100; beat++) {
      await vi.advanceTimersByTimeAsync(20_000);
      socket.sayPong();
    }
    expect(new Set(socket.sent)).toEqual(new Set([PING]));
    expect(socket.sent).toHaveLength(101);
  });

  test.for([
    { random: 0.0199, frames: 2 },
    { random: 0.02, frames: 1 },
  ])("of a hundred visitors one sends it where the draw is $random: $frames", async (row) => {
    vi.mocked(Math.random).mockReturnValue(row.random);
    const [, socket] = visitLive(100);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(socket.sent.slice(1)).toHaveLength(row.frames);
  });

  test("an observer of one quiet visitor wakes the server, for nobody else would", async () => {
    vi.stubGlobal("navigator", { doNotTrack: "1" });
    const [, socket] = visitLive(1);
    await vi.advanceTimersByTimeAsync(20_000);
    const page = "http://localhost:3000/posts/hello";
    expect(socket.sent).toEqual([PING, serializeHeartbeat(USER_ID, page, NOW + 20_000), PING]);
  });

  test.for([
    { random: 0.0199, frames: 2 },
    { random: 0.02, frames: 1 },
  ])("an observer of 99 takes part as the hundredth: $random, $frames", async (row) => {
    vi.stubGlobal("navigator", { globalPrivacyControl: true });
    vi.mocked(Math.random).mockReturnValue(row.random);
    const [, socket] = visitLive(99);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(socket.sent.slice(1)).toHaveLength(row.frames);
  });

  test("an observer of an empty page never wakes the server", async () => {
    vi.stubGlobal("navigator", { doNotTrack: "1" });
    vi.mocked(Math.random).mockReturnValue(0);
    const [, socket] = visitLive(0);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(socket.sent).toEqual([PING, PING]);
  });

  test("a count within the interval makes the heartbeat unnecessary", async () => {
    const [, socket] = visitLive(2);
    await vi.advanceTimersByTimeAsync(1);
    socket.sayCount(3).sayCount(2);
    await vi.advanceTimersByTimeAsync(19_999);
    expect(socket.sent).toEqual([PING, PING]);
  });

  test("checks in quick succession wake the server once an interval", async () => {
    const [, socket] = visitLive(2);
    await vi.advanceTimersByTimeAsync(20_000);
    for (let check = 0; check < 12; check++) {
      socket.sayPong();
      window.dispatchEvent(new Event("online"));
    }
    expect(socket.sent.filter((frame) => frame !== PING)).toHaveLength(1);
    expect(socket.sent.filter((frame) => frame === PING)).toHaveLength(14);
  });
});

test("checks while an answer is due neither ask again nor wait for it longer", async () => {
  const [{ state }, socket] = visitLive(1);
  for (let second = 0; second < 5; second++) {
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(socket.sent).toEqual([PING, PING]);
  expect(state().status).toBe("retrying");
});

describe("a server that has answered a ping before", () => {
  test("is left when it falls silent between the first count of a socket and its pong", async () => {
    const [{ state }, first] = visitLive(4);
    first.lose();
    await vi.advanceTimersToNextTimerAsync();
    const second = socketAt(1).accept().sayCount(4);
    await vi.advanceTimersByTimeAsync(25_000);
    expect([second.closedWith, state().status]).toEqual([1000, "retrying"]);
  });
});

describe("a contract server, which answers no ping", () => {
  const page = "http://localhost:3000/posts/hello";

  test("gets the contract's heartbeat every 20 s instead", async () => {
    const { state } = visit();
    const first = socketAt(0).accept().sayCount(1);
    await vi.advanceTimersByTimeAsync(25_501);
    expect(first.sent).toEqual([PING, serializeHeartbeat(USER_ID, page, NOW + 20_000)]);
    const second = socketAt(1).accept().sayCount(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(second.sent).toEqual([
      PING,
      serializeHeartbeat(USER_ID, page, NOW + 45_501),
      serializeHeartbeat(USER_ID, page, NOW + 65_501),
      serializeHeartbeat(USER_ID, page, NOW + 85_501),
    ]);
    expect(state()).toEqual({ count: 1, status: "live" });
  });

  test("is left once, since a path that died before its first pong looks the same", async () => {
    const { state } = visit();
    const socket = socketAt(0).accept().sayCount(4);
    await vi.advanceTimersByTimeAsync(24_999);
    expect([socket.closedWith, state().status]).toEqual([null, "live"]);
    await vi.advanceTimersByTimeAsync(1);
    expect([socket.closedWith, state()]).toEqual([1000, { count: 4, status: "retrying" }]);
    await vi.advanceTimersToNextTimerAsync();
    socketAt(1).accept().sayCount(4);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeWebSocket.made).toHaveLength(2);
    expect(state()).toEqual({ count: 4, status: "live" });
  });

  test("is not left because the page finished loading right after the count", async () => {
    visit();
    const socket = socketAt(0).accept().sayCount(1);
    window.dispatchEvent(new Event("pageshow"));
    await vi.advanceTimersByTimeAsync(24_999);
    expect(socket.closedWith).toBeNull();
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("is pinged again once a late pong shows that it was only slow", async () => {
    visit();
    const socket = socketAt(0).accept().sayCount(1);
    await vi.advanceTimersByTimeAsync(21_000);
    expect(socket.sent.at(-1)).toContain('"type":"heartbeat"');
    socket.sayPong();
    await vi.advanceTimersByTimeAsync(39_000);
    expect(socket.sent.at(-1)).toBe(PING);
  });

  test("is no contract server once its first pong comes later than the timeout", async () => {
    const { state } = visit();
    const socket = socketAt(0).accept().sayCount(1);
    await vi.advanceTimersByTimeAsync(6_000);
    socket.sayPong();
    await vi.advanceTimersByTimeAsync(14_000);
    expect(socket.sent).toEqual([PING, PING]);
    socket.sayPong();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(socket.closedWith).toBeNull();
    expect(state()).toEqual({ count: 1, status: "live" });
  });

  test("is asked again on the next socket, where another server may answer", async () => {
    visit();
    socketAt(0).accept().sayCount(1);
    await vi.advanceTimersByTimeAsync(5_000);
    socketAt(0).lose(1012);
    await vi.advanceTimersToNextTimerAsync();
    expect(socketAt(1).accept().sent).toEqual([PING]);
  });
});

import { describe, expect, test, vi } from "vitest";
import { FakeWebSocket, liveSockets, socketAt } from "./fake-websocket.ts";
import { refuseHandshakes, visit, visitLive, withFreshPage } from "./page.ts";

withFreshPage();

describe("a lost connection", () => {
  test("keeps the last count on show while it is made again", async () => {
    const [{ state, heard }, socket] = visitLive(7);
    socket.lose();
    expect(state()).toEqual({ count: 7, status: "retrying" });
    await vi.advanceTimersToNextTimerAsync();
    expect(state()).toEqual({ count: 7, status: "connecting" });
    socketAt(1).accept().sayCount(8);
    expect(heard.map(({ count, status }) => `${count} ${status}`)).toEqual([
      "7 live",
      "7 retrying",
      "7 connecting",
      "8 live",
    ]);
    expect(liveSockets()).toBe(1);
  });

  test.for([
    { random: 0, waitMs: 0 },
    { random: 0.25, waitMs: 255 },
    { random: 0.95, waitMs: 969 },
  ])("of a small page comes back within a second: at $waitMs ms", async ({ random, waitMs }) => {
    const [, socket] = visitLive(10);
    vi.mocked(Math.random).mockReturnValue(random);
    socket.lose();
    if (waitMs > 0) await vi.advanceTimersByTimeAsync(waitMs - 1);
    expect(FakeWebSocket.made).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(waitMs > 0 ? 1 : 0);
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  test.for([
    { why: "restarts (1006)", code: 1006, middleMs: 10_500 },
    { why: "restarts (1012)", code: 1012, middleMs: 10_500 },
    { why: "has lost sight of it (4408)", code: 4408, middleMs: 10_500 },
    { why: "moves it to another shard (4409)", code: 4409, middleMs: 500 },
    { why: "is full (1013)", code: 1013, middleMs: 10_000 },
  ])("of a crowd comes back after $middleMs ms when the server $why", async (row) => {
    const [{ state }, socket] = visitLive(10_000);
    await vi.advanceTimersByTimeAsync(5_000);
    socket.lose(row.code);
    await vi.advanceTimersByTimeAsync(row.middleMs - 1);
    expect([FakeWebSocket.made.length, state()]).toEqual([
      1,
      { count: 10_000, status: "retrying" },
    ]);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  test("that did not hold after a move waits for the crowd again", async () => {
    const [, socket] = visitLive(10_000);
    await vi.advanceTimersByTimeAsync(5_000);
    socket.lose(4409);
    await vi.advanceTimersByTimeAsync(500);
    socketAt(1).refuse();
    await vi.advanceTimersByTimeAsync(20_999);
    expect(FakeWebSocket.made).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeWebSocket.made).toHaveLength(3);
  });

  test("is made ever less often by a server that does nothing but move", async () => {
    visit();
    for (const waitMs of [500, 1_000, 2_000, 4_000]) {
      const before = FakeWebSocket.made.length;
      socketAt(before - 1)
        .accept()
        .sayPong()
        .sayCount(10_000)
        .lose(4409);
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(FakeWebSocket.made).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeWebSocket.made).toHaveLength(before + 1);
    }
  });

  test("waits twice as long each time, up to maxBackoff", async () => {
    visit();
    for (const waitMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      const before = FakeWebSocket.made.length;
      socketAt(before - 1).refuse();
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(FakeWebSocket.made).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeWebSocket.made).toHaveLength(before + 1);
    }
  });

  test("waits no longer than maxBackoff", async () => {
    visit({ maxBackoff: 100 });
    socketAt(0).refuse();
    await vi.advanceTimersByTimeAsync(50);
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  test("starts over from a second once a connection has held", async () => {
    visit();
    await refuseHandshakes(4);
    const socket = socketAt(4).accept().sayPong().sayCount(1);
    await vi.advanceTimersByTimeAsync(5_000);
    socket.lose();
    await vi.advanceTimersByTimeAsync(501);
    expect(FakeWebSocket.made).toHaveLength(6);
  });

  test("a server that accepts and closes at once is asked ever less often", async () => {
    visit();
    for (const waitMs of [501, 1_002, 2_004, 4_008]) {
      const before = FakeWebSocket.made.length;
      socketAt(before - 1)
        .accept()
        .sayPong()
        .sayCount(1)
        .lose(1012);
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(FakeWebSocket.made).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
    }
  });

  test("a page that is full is asked after tens of seconds, ever less often, and not why", async () => {
    const { state } = visit();
    for (const waitMs of [10_000, 20_000, 30_000, 30_000]) {
      const before = FakeWebSocket.made.length;
      socketAt(before - 1)
        .accept()
        .lose(1013, "the page is full; try again later");
      expect(state()).toEqual({ count: undefined, status: "retrying" });
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(FakeWebSocket.made).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeWebSocket.made).toHaveLength(before + 1);
    }
    expect(fetch).not.toHaveBeenCalled();
    expect(console.warn).not.toHaveBeenCalled();
  });

  test("error and close of one socket are one loss", async () => {
    visit();
    socketAt(0).refuse();
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  test("of which only `error` tells is noticed by the silence", async () => {
    const [{ state }, socket] = visitLive(2);
    socket.fireErrorOnly();
    await vi.advanceTimersByTimeAsync(24_999);
    expect(state().status).toBe("live");
    await vi.advanceTimersByTimeAsync(1);
    expect(state().status).toBe("retrying");
  });

  test("coming online does not wait for the next attempt", async () => {
    visit();
    await refuseHandshakes(7);
    socketAt(7).refuse();
    window.dispatchEvent(new Event("online"));
    expect(FakeWebSocket.made).toHaveLength(9);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(FakeWebSocket.made).toHaveLength(9);
  });
});

describe("a silent path", () => {
  test("is left 5 s after a ping without an answer, and not before", async () => {
    const [{ state }, socket] = visitLive(1);
    await vi.advanceTimersByTimeAsync(24_999);
    expect(state().status).toBe("live");
    expect(socket.closedWith).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(state().status).toBe("retrying");
    expect(socket.closedWith).toBe(1000);
  });

  test("is left although every visitor of a quiet page of two sends heartbeats", async () => {
    const [{ state }] = visitLive(2);
    await vi.advanceTimersByTimeAsync(25_000);
    expect(state().status).toBe("retrying");
  });

  test("is not waited for: the next socket opens while the old one still closes", async () => {
    const [{ state }, socket] = visitLive(1);
    await vi.advanceTimersByTimeAsync(25_501);
    expect(socket.readyState).toBe(FakeWebSocket.CLOSING);
    socketAt(1).accept().sayPong().sayCount(1);
    socket.sayCount(99);
    socket.lose();
    expect(state()).toEqual({ count: 1, status: "live" });
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  test("any message after the ping shows that the path is alive", async () => {
    const [, socket] = visitLive(1);
    await vi.advanceTimersByTimeAsync(20_000);
    socket.sayCount(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.closedWith).toBeNull();
  });

  test("a server that opens and says nothing is left after 5 s", async () => {
    const { state } = visit();
    socketAt(0).accept();
    await vi.advanceTimersByTimeAsync(4_999);
    expect(state().status).toBe("connecting");
    await vi.advanceTimersByTimeAsync(1);
    expect(state().status).toBe("retrying");
  });

  test("a server that only echoes is left after 5 s", async () => {
    const { state } = visit();
    const socket = socketAt(0).accept();
    socket.say(socket.sent[0]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(state().status).toBe("retrying");
  });

  test("a handshake gets 10 s", async () => {
    const { state } = visit();
    await vi.advanceTimersByTimeAsync(9_999);
    expect(state().status).toBe("connecting");
    await vi.advanceTimersByTimeAsync(1);
    expect(state().status).toBe("retrying");
    expect(socketAt(0).closedWith).toBe(1000);
  });

  test("timeout sets all three deadlines", async () => {
    const { state } = visit({ timeout: 1_000 });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(state().status).toBe("retrying");
    await vi.advanceTimersByTimeAsync(500);
    socketAt(1).accept();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(state().status).toBe("retrying");
    await vi.advanceTimersByTimeAsync(1_000);
    socketAt(2).accept().sayPong().sayCount(1);
    await vi.advanceTimersByTimeAsync(21_000);
    expect(state().status).toBe("retrying");
  });
});

import { describe, expect, test, vi } from "vitest";
import { FakeWebSocket, liveSockets, socketAt } from "./fake-websocket.ts";
import {
  fireOnDocument,
  hide,
  leaveForCache,
  restoreFromCache,
  show,
  startHidden,
  withFreshPage,
  visit,
  visitLive,
} from "./page.ts";

withFreshPage();

describe("a hidden page", () => {
  test("stays counted for 5 s, then leaves", async () => {
    const [{ state }, socket] = visitLive(3);
    hide();
    await vi.advanceTimersByTimeAsync(4_999);
    expect(socket.isLive).toBe(true);
    expect(state().status).toBe("live");
    await vi.advanceTimersByTimeAsync(1);
    expect(socket.closedWith).toBe(1000);
    expect(state()).toEqual({ count: 3, status: "paused" });
  });

  test("pauseAfter sets the grace", async () => {
    const [, socket] = visitLive(3, { pauseAfter: 10_000 });
    hide();
    await vi.advanceTimersByTimeAsync(9_999);
    expect(socket.isLive).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(socket.isLive).toBe(false);
  });

  test("goes on beating while a long grace lasts", async () => {
    const [, socket] = visitLive(1, { pauseAfter: 60_000 });
    hide();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(socket.sent).toHaveLength(2);
  });

  test("that comes back in time keeps its socket and asks at once whether it is alive", async () => {
    const [{ state }, socket] = visitLive(3);
    hide();
    await vi.advanceTimersByTimeAsync(4_000);
    show();
    expect(socket.sent).toHaveLength(2);
    socket.sayPong();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state().status).toBe("live");
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("that comes back to a dead path notices within 5 s", async () => {
    const [{ state }] = visitLive(3);
    hide();
    await vi.advanceTimersByTimeAsync(1_000);
    show();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(state().status).toBe("retrying");
  });

  test("that comes back later connects at once", async () => {
    visitLive(3);
    hide();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(FakeWebSocket.made).toHaveLength(1);
    show();
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  test("that loses its socket does not connect again", async () => {
    const [{ state }, socket] = visitLive(3);
    hide();
    socket.lose();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(state()).toEqual({ count: 3, status: "paused" });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("drops the attempt that was waiting", async () => {
    const [{ state }, socket] = visitLive(3);
    socket.lose();
    hide();
    expect(state().status).toBe("paused");
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("gives up a handshake under way", async () => {
    visit();
    hide();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(socketAt(0).closedWith).toBe(1000);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("opened in the background or prerendered, is not counted until it is shown", async () => {
    startHidden();
    const { state } = visit();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(state()).toEqual({ count: undefined, status: "paused" });
    expect(FakeWebSocket.made).toHaveLength(0);
    show();
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("leaves no timer behind", async () => {
    visitLive(3);
    hide();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a page that is left", () => {
  test("is not counted from pagehide on, without any grace", () => {
    const [{ state }, socket] = visitLive(3);
    leaveForCache();
    expect(socket.closedWith).toBe(1000);
    expect(state().status).toBe("paused");
  });

  test("connects at once when the back/forward cache restores it, and only once", () => {
    visitLive(3);
    leaveForCache();
    restoreFromCache();
    expect(FakeWebSocket.made).toHaveLength(2);
    expect(liveSockets()).toBe(0);
    socketAt(1).accept();
    expect(liveSockets()).toBe(1);
  });

  test("connects on pageshow alone, as iOS restores it", () => {
    visitLive(3);
    window.dispatchEvent(new Event("pagehide"));
    window.dispatchEvent(new Event("pageshow"));
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  test("the pageshow of an ordinary load opens no second socket", async () => {
    visit();
    window.dispatchEvent(new Event("pageshow"));
    expect(FakeWebSocket.made).toHaveLength(1);
    socketAt(0).accept().sayPong().sayCount(1);
    window.dispatchEvent(new Event("pageshow"));
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("a frozen page is not counted; a resumed visible one is again", () => {
    const [{ state }, socket] = visitLive(3);
    fireOnDocument("freeze");
    expect(socket.isLive).toBe(false);
    expect(state().status).toBe("paused");
    fireOnDocument("resume");
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  test("a page resumed in the background stays uncounted", () => {
    visitLive(3);
    hide();
    fireOnDocument("freeze");
    fireOnDocument("resume");
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("never registers unload or beforeunload, which would keep it out of the cache", () => {
    const types: string[] = [];
    vi.spyOn(window, "addEventListener").mockImplementation((type) => types.push(type));
    visit({ page: "/events" });
    expect(types.toSorted()).toEqual([
      "freeze",
      "online",
      "pagehide",
      "pageshow",
      "resume",
      "visibilitychange",
    ]);
  });
});

describe("an online event", () => {
  test("probes the connection instead of trusting or dropping it", async () => {
    const [{ state }, socket] = visitLive(3);
    await vi.advanceTimersByTimeAsync(3_000);
    window.dispatchEvent(new Event("online"));
    expect(socket.isLive).toBe(true);
    expect(socket.sent).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(state().status).toBe("retrying");
  });
});

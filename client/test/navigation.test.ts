import { describe, expect, test, vi } from "vitest";
import { FakeWebSocket, socketAt } from "./fake-websocket.ts";
import { hide, navigate, show, visitLive, withFreshPage } from "./page.ts";

withFreshPage();

function pageOf(index: number): string | null {
  return new URL(socketAt(index).url).searchParams.get("page");
}

describe("client-side navigation", () => {
  test("moves the visitor to the other page, without the count of the one before", async () => {
    const [{ state, heard }, socket] = visitLive(3);
    await navigate("/posts/next");
    expect(socket.closedWith).toBe(1000);
    expect(pageOf(1)).toBe("http://localhost:3000/posts/next");
    expect(state()).toEqual({ count: undefined, status: "connecting" });
    expect(heard.at(-1)).toEqual({ count: undefined, status: "connecting" });
    socketAt(1).accept().sayCount(9);
    expect(state()).toEqual({ count: 9, status: "live" });
  });

  test.for(["/posts/hello?page=2", "/posts/hello#comments"])(
    "%s is the same page",
    async (path) => {
      const [, socket] = visitLive(3);
      await navigate(path);
      expect(socket.isLive).toBe(true);
      expect(FakeWebSocket.made).toHaveLength(1);
    },
  );

  test("there and back ends on the first page", async () => {
    visitLive(3);
    await navigate("/posts/next");
    await navigate("/posts/hello");
    expect(pageOf(2)).toBe("http://localhost:3000/posts/hello");
    expect(FakeWebSocket.made.filter(({ closedWith }) => closedWith === null)).toHaveLength(1);
  });

  test("in a hidden page connects nowhere until it is shown", async () => {
    const [{ state }] = visitLive(3);
    hide();
    await navigate("/posts/next");
    expect(state()).toEqual({ count: undefined, status: "paused" });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeWebSocket.made).toHaveLength(1);
    show();
    expect(pageOf(1)).toBe("http://localhost:3000/posts/next");
  });

  test("tells nobody inside the router's own call, where React takes no update", () => {
    const [{ heard }] = visitLive(3);
    const before = heard.length;
    void navigate("/posts/next");
    expect(heard).toHaveLength(before);
  });

  test("just before the last one leaves opens nothing", async () => {
    const [{ leave }] = visitLive(3);
    leave();
    await navigate("/posts/next");
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("does not move a counter of a page that was named", async () => {
    const [, socket] = visitLive(3, { page: "/pricing" });
    await navigate("/posts/next");
    expect(socket.isLive).toBe(true);
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("a reconnect belongs to the page that was left until the move is noticed", async () => {
    const [, socket] = visitLive(3);
    history.pushState(null, "", "/posts/next");
    socket.lose();
    await vi.advanceTimersToNextTimerAsync();
    expect(pageOf(1)).toBe("http://localhost:3000/posts/hello");
  });

  test("without the Navigation API it is noticed at the next beat", async () => {
    vi.stubGlobal("navigation", undefined);
    const [{ state }, socket] = visitLive(3);
    history.pushState(null, "", "/posts/next");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(socket.closedWith).toBe(1000);
    expect(pageOf(1)).toBe("http://localhost:3000/posts/next");
    expect(state()).toEqual({ count: undefined, status: "connecting" });
  });
});

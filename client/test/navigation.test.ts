import { describe, expect, test, vi } from "vitest";
import { FakeWebSocket, socketAt } from "./fake-websocket.ts";
import { hide, navigate, show, visitLive, withFreshPage } from "./page.ts";

withFreshPage();

function pageOf(index: number): string | null {
  return new URL(socketAt(index).url).searchParams.get("page");
}

describe("client-side navigation", () => {
  test("moves the visitor to the other page, without the count of the one before", () => {
    const [{ state, heard }, socket] = visitLive(3);
    navigate("/posts/next");
    expect(socket.closedWith).toBe(1000);
    expect(pageOf(1)).toBe("http://localhost:3000/posts/next");
    expect(state()).toEqual({ count: undefined, status: "connecting" });
    expect(heard.at(-1)).toEqual({ count: undefined, status: "connecting" });
    socketAt(1).accept().sayCount(9);
    expect(state()).toEqual({ count: 9, status: "live" });
  });

  test.for(["/posts/hello?page=2", "/posts/hello#comments"])("%s is the same page", (path) => {
    const [, socket] = visitLive(3);
    navigate(path);
    expect(socket.isLive).toBe(true);
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("there and back ends on the first page", () => {
    visitLive(3);
    navigate("/posts/next");
    navigate("/posts/hello");
    expect(pageOf(2)).toBe("http://localhost:3000/posts/hello");
    expect(FakeWebSocket.made.filter(({ closedWith }) => closedWith === null)).toHaveLength(1);
  });

  test("in a hidden page connects nowhere until it is shown", async () => {
    const [{ state }] = visitLive(3);
    hide();
    navigate("/posts/next");
    expect(state()).toEqual({ count: undefined, status: "paused" });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeWebSocket.made).toHaveLength(1);
    show();
    expect(pageOf(1)).toBe("http://localhost:3000/posts/next");
  });

  test("does not move a counter of a page that was named", () => {
    const [, socket] = visitLive(3, { page: "/pricing" });
    navigate("/posts/next");
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

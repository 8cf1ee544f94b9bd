import { describe, expect, test, vi } from "vitest";
import { FakeWebSocket, socketAt } from "./fake-websocket.ts";
import { refuseHandshakes, settle, USER_ID, visit, visitLive, withFreshPage } from "./page.ts";

withFreshPage();

/** Answers the plain GET that asks why connecting fails. */
function answerGet(status: number, body = ""): void {
  vi.mocked(fetch).mockImplementation(async () => new Response(body, { status }));
}

describe("a refused site", () => {
  const body = '{"error":{"code":"origin_not_allowed","message":"add https://a.example"}}';

  test("is told once, by the answer to a plain GET, and stops", async () => {
    answerGet(403, body);
    const { state } = visit({ endpoint: "https://count.example.com", visitorId: USER_ID });
    await refuseHandshakes(1);
    expect(fetch).not.toHaveBeenCalled();
    socketAt(1).refuse();
    await settle();
    expect(fetch).toHaveBeenCalledOnce();
    expect(vi.mocked(fetch).mock.calls[0]?.[0]).toBe(socketAt(1).url.replace("wss://", "https://"));
    expect(state().status).toBe("stopped");
    expect(console.warn).toHaveBeenCalledExactlyOnceWith("Visitor count stopped:", `403 ${body}`);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  test.for([400, 401, 403, 404, 410, 421])("%i is final", async (status) => {
    answerGet(status);
    const { state } = visit();
    await refuseHandshakes(2);
    expect(state().status).toBe("stopped");
  });

  test.for([200, 204, 426, 429, 500, 503])("%i is not", async (status) => {
    vi.mocked(fetch).mockImplementation(
      async () => new Response(status === 204 ? null : "", { status }),
    );
    const { state } = visit();
    await refuseHandshakes(2);
    expect(state().status).toBe("connecting");
    expect(console.warn).not.toHaveBeenCalled();
  });

  test("a server that cannot be reached at all is not refusing", async () => {
    vi.mocked(fetch).mockRejectedValue(new TypeError("Failed to fetch"));
    const { state } = visit();
    await refuseHandshakes(2);
    expect(state().status).toBe("connecting");
  });

  test("is asked by http, also where the endpoint says wss", async () => {
    answerGet(403);
    const { state } = visit({ endpoint: "wss://count.example.com" });
    await refuseHandshakes(2);
    const address = vi.mocked(fetch).mock.calls[0]?.[0];
    expect(address).toBe(socketAt(0).url.replace("wss://", "https://"));
    expect(state().status).toBe("stopped");
  });

  test("is asked once, however often connecting fails", async () => {
    answerGet(426);
    visit();
    await refuseHandshakes(20);
    expect(fetch).toHaveBeenCalledOnce();
  });

  test("is asked again after a connection that held", async () => {
    answerGet(426);
    visit();
    await refuseHandshakes(2);
    const socket = socketAt(2).accept().sayPong().sayCount(1);
    await vi.advanceTimersByTimeAsync(5_000);
    socket.lose();
    await vi.advanceTimersToNextTimerAsync();
    await refuseHandshakes(2);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  test("an answer that comes when the connection has opened meanwhile is void", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    vi.mocked(fetch).mockReturnValue(promise);
    const { state } = visit();
    await refuseHandshakes(2);
    socketAt(2).accept().sayPong().sayCount(4);
    resolve(new Response("", { status: 403 }));
    await settle();
    expect(state()).toEqual({ count: 4, status: "live" });
  });

  test("the question is withdrawn when the visitor leaves", async () => {
    answerGet(426);
    const { leave } = visit();
    await refuseHandshakes(2);
    const signal = vi.mocked(fetch).mock.calls[0]?.[1]?.signal;
    expect(signal?.aborted).toBe(false);
    leave();
    await settle();
    expect(signal?.aborted).toBe(true);
  });

  test("stays stopped whatever the page goes through", async () => {
    const [{ state }, socket] = visitLive(2);
    socket.lose(4429);
    for (const type of ["online", "pagehide", "pageshow"]) window.dispatchEvent(new Event(type));
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(state().status).toBe("stopped");
    expect(FakeWebSocket.made).toHaveLength(1);
  });
});

describe("an address that cannot be used", () => {
  test("a constructor that throws, as under CSP in Firefox, stops with one warning", async () => {
    const blocked = new DOMException("The operation is insecure.", "SecurityError");
    vi.stubGlobal("WebSocket", function WebSocket() {
      throw blocked;
    });
    const { state } = visit();
    expect(state()).toEqual({ count: undefined, status: "stopped" });
    expect(console.warn).toHaveBeenCalledExactlyOnceWith("Visitor count stopped:", blocked);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("one that CSP forbids stops with one warning, once its time to connect is over", async () => {
    const { state } = visit();
    const { url } = socketAt(0);
    socketAt(0).fireErrorOnly();
    window.dispatchEvent(new Event("pageshow"));
    await vi.advanceTimersByTimeAsync(9_999);
    expect(state().status).toBe("connecting");
    await vi.advanceTimersByTimeAsync(1);
    expect(state()).toEqual({ count: undefined, status: "stopped" });
    expect(console.warn).toHaveBeenCalledExactlyOnceWith("Visitor count stopped:", `CSP: ${url}`);
    await vi.advanceTimersByTimeAsync(600_000);
    expect([FakeWebSocket.made.length, vi.getTimerCount()]).toEqual([1, 0]);
  });

  test("an endpoint that is no URL stops with one warning and no socket", () => {
    const { state } = visit({ endpoint: "https://exa mple.com" });
    expect(state().status).toBe("stopped");
    expect(console.warn).toHaveBeenCalledOnce();
    expect(FakeWebSocket.made).toHaveLength(0);
  });
});

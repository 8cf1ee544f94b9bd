import { act, cleanup, render, renderHook } from "@testing-library/react";
import { type ReactNode, StrictMode } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type UseVisitorCountOptions, useVisitorCount, VisitorCount } from "../src/react.ts";
import { FakeWebSocket, liveSockets, socketAt } from "./fake-websocket.ts";
import { settle, USER_ID, withFreshPage } from "./page.ts";

withFreshPage();
afterEach(cleanup);
beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
});

const options: UseVisitorCountOptions = { visitorId: USER_ID };

/** The server's side of socket `index`, seen by React. */
function sayCount(count: number, index = 0): void {
  act(() => {
    const socket = socketAt(index);
    if (!socket.isLive) socket.accept().sayPong();
    socket.sayCount(count);
  });
}

describe("useVisitorCount", () => {
  test("follows the count and leaves on unmount", async () => {
    const { result, unmount } = renderHook(() => useVisitorCount(options));
    expect(result.current).toEqual({ count: undefined, status: "connecting" });
    sayCount(4);
    expect(result.current).toEqual({ count: 4, status: "live" });
    unmount();
    await settle();
    expect(socketAt(0).closedWith).toBe(1000);
  });

  test("needs no options", () => {
    const { result } = renderHook(() => useVisitorCount());
    expect(result.current.status).toBe("connecting");
  });

  test("fresh options of equal values at each render keep the socket", () => {
    const { rerender } = renderHook(() => useVisitorCount({ ...options, page: "/a" }));
    for (let time = 0; time < 5; time++) rerender();
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("another page swaps the socket and forgets the count", async () => {
    const { result, rerender } = renderHook(({ page }) => useVisitorCount({ ...options, page }), {
      initialProps: { page: "/a" },
    });
    sayCount(4);
    rerender({ page: "/b" });
    expect(result.current).toEqual({ count: undefined, status: "connecting" });
    await settle();
    expect(socketAt(0).closedWith).toBe(1000);
    expect(new URL(socketAt(1).url).searchParams.get("page")).toBe("/b");
  });

  test("enabled={false} opens nothing and stores nothing", () => {
    const { result } = renderHook(() => useVisitorCount({ enabled: false }));
    expect(result.current).toEqual({ count: undefined, status: "idle" });
    expect(FakeWebSocket.made).toHaveLength(0);
    expect(localStorage).toHaveLength(0);
  });

  test("switching enabled off closes and reports idle; on opens again", async () => {
    const { result, rerender } = renderHook(
      ({ enabled }) => useVisitorCount({ ...options, enabled }),
      { initialProps: { enabled: true } },
    );
    sayCount(4);
    rerender({ enabled: false });
    expect(result.current).toEqual({ count: undefined, status: "idle" });
    await settle();
    expect(liveSockets()).toBe(0);
    rerender({ enabled: true });
    sayCount(5, 1);
    expect(result.current).toEqual({ count: 5, status: "live" });
  });

  test("a component that is switched off stays idle beside one that counts", () => {
    renderHook(() => useVisitorCount(options));
    const off = renderHook(() => useVisitorCount({ ...options, enabled: false }));
    sayCount(4);
    expect(off.result.current).toEqual({ count: undefined, status: "idle" });
  });

  test("a constructor that throws does not take the tree down", () => {
    vi.stubGlobal("WebSocket", function WebSocket() {
      throw new DOMException("blocked", "SecurityError");
    });
    const { container } = render(
      <p>
        <VisitorCount fallback="–" /> here
      </p>,
    );
    expect(container.textContent).toBe("– here");
    expect(container.querySelector("span")?.dataset["status"]).toBe("stopped");
  });
});

function Four(): ReactNode {
  return (
    <StrictMode>
      <VisitorCount {...options} />
      <VisitorCount {...options} />
      <VisitorCount {...options} />
      <VisitorCount {...options} />
    </StrictMode>
  );
}

describe("StrictMode", () => {
  test("four components open exactly one socket", async () => {
    const { container } = render(<Four />);
    await settle();
    expect(FakeWebSocket.made).toHaveLength(1);
    sayCount(12);
    expect(liveSockets()).toBe(1);
    expect(container.textContent).toBe("12121212");
    expect(console.error).not.toHaveBeenCalled();
  });

  test("unmounting all closes it", async () => {
    const { unmount } = render(<Four />);
    sayCount(12);
    unmount();
    await settle();
    expect(socketAt(0).closedWith).toBe(1000);
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("remounting under another key within one commit keeps it", async () => {
    const { rerender } = render(<Four key="a" />);
    sayCount(12);
    rerender(<Four key="b" />);
    await settle();
    expect(FakeWebSocket.made).toHaveLength(1);
    expect(liveSockets()).toBe(1);
  });
});

describe("VisitorCount", () => {
  test("shows the fallback, then the number as the locale writes it", () => {
    const { container } = render(<VisitorCount {...options} fallback="…" className="live" />);
    expect(container.innerHTML).toBe('<span data-status="connecting" class="live">…</span>');
    sayCount(1_234);
    expect(container.innerHTML).toBe(
      `<span data-status="live" class="live">${(1_234).toLocaleString()}</span>`,
    );
  });

  test("shows zero, which is a count", () => {
    const { container } = render(<VisitorCount {...options} fallback="…" />);
    sayCount(0);
    expect(container.textContent).toBe("0");
  });

  test("children render the count, or nothing", () => {
    const { container } = render(
      <VisitorCount {...options} fallback="…">
        {({ count, status }) => (count > 1 ? `${count} people, ${status}` : null)}
      </VisitorCount>,
    );
    sayCount(1);
    expect(container.textContent).toBe("");
    sayCount(3);
    expect(container.textContent).toBe("3 people, live");
  });

  test("`others` leaves this visitor out of the number", () => {
    const { container, rerender } = render(<VisitorCount {...options} others />);
    sayCount(5);
    expect(container.textContent).toBe("4");
    rerender(
      <VisitorCount {...options} others>
        {({ count, status }) => `${count} others, ${status}`}
      </VisitorCount>,
    );
    expect(container.textContent).toBe("4 others, live");
  });

  test("`others` takes nobody off for a visitor who is not counted", () => {
    vi.stubGlobal("navigator", { doNotTrack: "1" });
    const { container } = render(<VisitorCount {...options} others />);
    sayCount(5);
    expect(container.textContent).toBe("5");
  });

  test("`others` are never fewer than none, as where only the browser's headers object", () => {
    const { container } = render(<VisitorCount {...options} others />);
    sayCount(0);
    expect(container.textContent).toBe("0");
  });

  test("a `minimum` that is no number hides nothing", () => {
    const { container } = render(<VisitorCount {...options} minimum={Number.NaN} />);
    sayCount(1);
    expect(container.textContent).toBe("1");
  });

  test("below `minimum` shows nothing, not even the fallback", () => {
    const { container } = render(
      <VisitorCount {...options} others minimum={3} fallback="…">
        {({ count }) => `${count} others`}
      </VisitorCount>,
    );
    expect(container.textContent).toBe("…");
    sayCount(3);
    expect(container.textContent).toBe("");
    sayCount(4);
    expect(container.textContent).toBe("3 others");
  });

  test("its own options do not reach the DOM, everything else does", () => {
    const { container } = render(
      <VisitorCount
        endpoint="/live"
        page="/a"
        visitorId={USER_ID}
        heartbeat={20_000}
        timeout={5_000}
        pauseAfter={5_000}
        maxBackoff={60_000}
        enabled
        fallback={null}
        others
        minimum={2}
        id="count"
        title="People here now"
      />,
    );
    expect(container.innerHTML).toBe(
      '<span data-status="connecting" id="count" title="People here now"></span>',
    );
    expect(console.error).not.toHaveBeenCalled();
  });

  test("keeps the last number while the connection is made again", () => {
    const { container } = render(<VisitorCount {...options} />);
    sayCount(9);
    act(() => socketAt(0).lose());
    expect(container.innerHTML).toBe('<span data-status="retrying">9</span>');
  });
});

describe("hydration", () => {
  test("takes over the server's markup without a warning", async () => {
    const page = (
      <p>
        <VisitorCount {...options} fallback="some" /> people
      </p>
    );
    const container = document.createElement("div");
    container.innerHTML = renderToString(page);
    expect(FakeWebSocket.made).toHaveLength(0);
    const recovered = vi.fn<(error: unknown) => void>();
    const root = await act(async () =>
      hydrateRoot(container, page, { onRecoverableError: recovered }),
    );
    sayCount(6);
    expect(container.textContent).toBe("6 people");
    expect(recovered).not.toHaveBeenCalled();
    expect(console.error).not.toHaveBeenCalled();
    act(() => root.unmount());
  });

  test("agrees with the server although another root is live already", async () => {
    const live = document.createElement("div");
    const liveRoot = createRoot(live);
    act(() => liveRoot.render(<VisitorCount {...options} />));
    sayCount(6);
    const container = document.createElement("div");
    container.innerHTML = '<span data-status="idle">some</span>';
    const recovered = vi.fn<(error: unknown) => void>();
    const root = await act(async () =>
      hydrateRoot(container, <VisitorCount {...options} fallback="some" />, {
        onRecoverableError: recovered,
      }),
    );
    expect(container.textContent).toBe("6");
    expect(recovered).not.toHaveBeenCalled();
    expect(console.error).not.toHaveBeenCalled();
    expect(FakeWebSocket.made).toHaveLength(1);
    act(() => {
      root.unmount();
      liveRoot.unmount();
    });
  });
});

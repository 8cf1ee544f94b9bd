import { afterEach, beforeEach, vi } from "vitest";
import {
  createVisitorCounter,
  type VisitorCounterOptions,
  type VisitorState,
} from "../src/index.ts";
import { FakeWebSocket, installFakeWebSocket, socketAt } from "./fake-websocket.ts";

export const USER_ID = "550e8400-e29b-41d4-a716-446655440000";
export const NOW = 1_764_000_000_000;

const leaveAll: (() => void)[] = [];
const navigation = new EventTarget();
let isHidden = false;

/** Gives each test of a file a fresh visible page, a fake WebSocket and a stopped clock. */
export function withFreshPage(): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
    installFakeWebSocket();
    isHidden = false;
    vi.spyOn(document, "hidden", "get").mockImplementation(() => isHidden);
    vi.stubGlobal("navigation", navigation);
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => Response.error()),
    );
    vi.spyOn(console, "warn").mockImplementation(() => {});
    // The middle of every random range, and no sweep on a page of four or more.
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    localStorage.clear();
    history.replaceState(null, "", "/posts/hello");
  });
  afterEach(async () => {
    for (const leave of leaveAll.splice(0)) leave();
    await settle();
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}

export interface Visit {
  readonly state: () => VisitorState;
  readonly leave: () => void;
  /** States the listener was told of, in order. */
  readonly heard: VisitorState[];
}

export function visit(options: VisitorCounterOptions = { visitorId: USER_ID }): Visit {
  const counter = createVisitorCounter(options);
  const heard: VisitorState[] = [];
  const leave = counter.subscribe(() => heard.push(counter.getSnapshot()));
  leaveAll.push(leave);
  return { state: counter.getSnapshot, leave, heard };
}

/** A visit whose socket is open, has answered the first ping and has said `count`. */
export function visitLive(count: number, options?: VisitorCounterOptions): [Visit, FakeWebSocket] {
  const visitor = visit(options);
  return [visitor, socketAt(0).accept().sayPong().sayCount(count)];
}

export function hide(): void {
  isHidden = true;
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}

export function show(): void {
  isHidden = false;
  document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}

/** Starts hidden, like a tab opened in the background or a prerendered page. */
export function startHidden(): void {
  isHidden = true;
}

/** In the order of browsers: pagehide, then hidden. */
export function leaveForCache(): void {
  window.dispatchEvent(new Event("pagehide"));
  hide();
}

/** Back from the back/forward cache: visible, then pageshow. */
export function restoreFromCache(): void {
  show();
  window.dispatchEvent(new Event("pageshow"));
}

/** Neither event bubbles. */
export function fireOnDocument(type: "freeze" | "resume"): void {
  document.dispatchEvent(new Event(type));
}

export async function navigate(path: string): Promise<void> {
  history.pushState(null, "", path);
  navigation.dispatchEvent(new Event("currententrychange"));
  await Promise.resolve();
}

/** Refuses a handshake, and the next as soon as it is tried, until `times` are refused. */
export async function refuseHandshakes(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    socketAt(FakeWebSocket.made.length - 1).refuse();
    await vi.advanceTimersToNextTimerAsync();
  }
}

/** Lets promises and microtasks run; the clock stands still. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

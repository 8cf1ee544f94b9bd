// oxlint-disable unicorn/prefer-add-event-listener -- property handlers come off in one line
import {
  CLOSE_BYE,
  HEARTBEAT_INTERVAL_MS,
  type Heartbeat,
  PING,
  PONG,
} from "@visitor-tracker/protocol";
import { reconnectWindowMs } from "./timing.ts";
import type { VisitorCounterOptions, VisitorState, VisitorStatus } from "./types.ts";
import { getVisitorId, isOptedOut } from "./visitor-id.ts";

/** One page's connection, shared by all its counters. A tuple, since names do not minify. */
export type Connection = readonly [
  listeners: Set<() => void>,
  getState: () => VisitorState,
  stop: () => void,
];

export const IDLE: VisitorState = { count: undefined, status: "idle" };

/**
 * Keeps a socket open while the page is visible, and replaces it when it is lost.
 *
 * This file is written for size, which users pay for: one closure instead of a class, since `this.`
 * does not minify, and the protocol's parsers as patterns. Tests hold the patterns to the protocol.
 */
export function openConnection(options: VisitorCounterOptions): Connection {
  const {
    endpoint = "",
    visitorId: userId = getVisitorId(),
    heartbeat = HEARTBEAT_INTERVAL_MS,
    timeout = 5_000,
    pauseAfter = 5_000,
    maxBackoff,
  } = options;
  const listeners = new Set<() => void>();
  const listening = new AbortController();
  // Captured at the window: `freeze` and `resume` do not bubble up from the document.
  const on = { capture: true, signal: listening.signal };
  const here = (): string => options.page ?? location.origin + location.pathname;
  let page = here();
  let state = IDLE;
  let url: string;
  let socket: WebSocket | null | undefined;
  /** For the one thing that is next: an attempt, its end, an answer, a beat. */
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hideTimer: ReturnType<typeof setTimeout> | undefined;
  /** Attempts since a socket last held. */
  let attempts = 0;
  /** Whether the server has ever answered a ping. */
  let answers: boolean | undefined;
  /** Waits that passed before it did. */
  let unanswered = 0;
  /** Whether anything came since the last ping. */
  let heard: boolean;
  /** When the server was last known to be awake. */
  let awakeAt: number;

  /** Last of all in each step: a listener may throw. */
  function set(status: VisitorStatus, count: number | undefined = state.count): void {
    if (status === state.status && count === state.count) return;
    state = { count, status };
    for (const listener of listeners) listener();
  }

  function after(ms: number, next: () => void): void {
    clearTimeout(timer);
    timer = setTimeout(next, ms);
  }

  /** Does not wait for `close`: on a dead path the closing handshake takes a browser a minute. */
  function drop(): void {
    clearTimeout(timer);
    socket?.close(CLOSE_BYE);
    if (socket) socket = socket.onmessage = socket.onclose = null;
  }

  function pause(): void {
    drop();
    set("paused");
  }

  function end(status: VisitorStatus = "idle"): void {
    clearTimeout(hideTimer);
    listening.abort();
    drop();
    set(status);
  }

  function refuse(reason: unknown): void {
    console.warn("Visitor count stopped:", reason);
    end("stopped");
  }

  /** Also the handler of `close`. */
  function retry({ code, reason }: Partial<CloseEvent> = {}): void {
    const answer = `${code} ${reason}`;
    if (/^44(?!0[89])/.test(answer)) return refuse(answer);
    drop();
    // A server that gave a reason has said why.
    if (attempts === 1 && !reason) void ask();
    after(
      Math.random() *
        // oxlint-disable-next-line typescript/prefer-nullish-coalescing -- 0 and NaN would be a storm
        Math.min(maxBackoff || 60_000, reconnectWindowMs(attempts++, state.count ?? 0, code)),
      connect,
    );
    set("retrying");
  }

  /** A browser does not tell why a WebSocket was refused; the same checks answer a plain GET. */
  async function ask(): Promise<void> {
    try {
      const response = await fetch(url.replace(/^ws/, "http"), on);
      const answer = `${response.status} ${await response.text()}`;
      // 426 says that all is well; 429 passes.
      if (!heard && /^4(?!2[69])/.test(answer)) refuse(answer);
    } catch {
      // Nothing answers at all: that passes too.
    }
  }

  function beat(): void {
    if (follow()) return;
    const now = Date.now();
    // A count and no pong: this server knows the contract's heartbeat only, or is slow.
    const isContract = heard && !answers;
    // One who only observes looks for the vanished, too; one who is alone has nobody to look for.
    const watchers = (state.count ?? 0) + +isOptedOut();
    // About two of a page's visitors wake it in each interval in which no count came.
    const isSweepDue = watchers > 1 && now - awakeAt >= heartbeat && Math.random() < 2 / watchers;
    if (isContract || isSweepDue) {
      awakeAt = now;
      socket?.send(
        JSON.stringify({
          type: "heartbeat",
          userId,
          pageUrl: page,
          timestamp: now,
        } satisfies Heartbeat),
      );
    }
    if (!isContract) socket?.send(PING);
    // Before the first answer, a count is all that tells a server without pongs from a dead one.
    heard &&= !answers;
    after(timeout, () => {
      // A path that died between count and pong looks like a contract server, so that is left once.
      if (!heard || (!answers && unanswered++ === 1)) return retry();
      attempts = 0;
      after(heartbeat - timeout, beat);
    });
  }

  function connect(): void {
    if (document.hidden) return pause();
    drop();
    heard = false;
    try {
      url = new URL(
        endpoint.replace(/\/?$/, "/ws?") +
          new URLSearchParams({
            page,
            userId,
            ...(isOptedOut() && { observe: "1" }),
            v: "2",
          }),
        location.href,
      ).href.replace(/^http/, "ws");
      socket = new WebSocket(url);
    } catch (error) {
      return refuse(error);
    }
    socket.onopen = beat;
    socket.onmessage = ({ data }) => {
      // Bounded in between: without, a long message of many such words takes half a minute.
      const count = /"count".{1,99}"count":\s*(\d+)/.exec(data)?.[1];
      if (count) {
        heard = true;
        awakeAt = Date.now();
        set("live", +count);
      } else if (data === PONG) heard = answers = true;
    };
    socket.onclose = retry;
    after(2 * timeout, () => {
      // Chromium closes at once what CSP forbids, and fires no `close`; all else is still connecting.
      if (socket?.readyState) return refuse(`CSP: ${url}`);
      retry();
    });
    set("connecting");
  }

  function sync(): void {
    clearTimeout(hideTimer);
    if (!socket) connect();
    else if (document.hidden) hideTimer = setTimeout(pause, pauseAfter);
    else if (heard) beat();
  }

  function follow(): boolean {
    if (listening.signal.aborted || page === (page = here())) return false;
    state = IDLE;
    connect();
    return true;
  }

  addEventListener("pagehide", pause, on);
  addEventListener("pageshow", sync, on);
  addEventListener("freeze", pause, on);
  addEventListener("resume", sync, on);
  addEventListener("visibilitychange", sync, on);
  addEventListener("online", sync, on);
  // Next.js moves on inside an insertion effect, in which no component may be updated.
  window.navigation?.addEventListener("currententrychange", () => queueMicrotask(follow), on);
  sync();
  return [listeners, () => state, end];
}

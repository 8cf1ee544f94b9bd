import { PONG, serializeCount } from "@visitor-tracker/protocol";
import { vi } from "vitest";

/** A WebSocket whose network and server are the test. Like a dead path, it never closes by itself. */
export class FakeWebSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  /** All that were made, in order. */
  static made: FakeWebSocket[] = [];

  readonly url: string;
  readonly sent: string[] = [];
  readyState: number = FakeWebSocket.CONNECTING;
  /** What the client closed it with; null while it has not. */
  closedWith: number | null = null;
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  onclose: ((event: Event) => void) | null = null;

  constructor(url: string | URL) {
    super();
    this.url = String(url);
    FakeWebSocket.made.push(this);
  }

  send(data: string): void {
    if (this.readyState === FakeWebSocket.CONNECTING) {
      throw new DOMException("Still in CONNECTING state", "InvalidStateError");
    }
    this.sent.push(data);
  }

  close(code = 1005): void {
    if (this.readyState >= FakeWebSocket.CLOSING) return;
    this.closedWith = code;
    this.readyState = FakeWebSocket.CLOSING;
  }

  /** Whether the server counts it. */
  get isLive(): boolean {
    return this.readyState === FakeWebSocket.OPEN;
  }

  accept(): this {
    this.readyState = FakeWebSocket.OPEN;
    this.#fire("open", new Event("open"));
    return this;
  }

  /** A frame from the server. */
  say(data: unknown): this {
    this.#fire("message", new MessageEvent("message", { data }));
    return this;
  }

  sayCount(count: number): this {
    return this.say(serializeCount(count, 1_764_000_000_000));
  }

  sayPong(): this {
    return this.say(PONG);
  }

  /** The server, or the network, closes. */
  lose(code = 1006, reason = ""): void {
    this.readyState = FakeWebSocket.CLOSED;
    this.#fire("close", new CloseEvent("close", { code, reason }));
  }

  /** The handshake is refused: a browser says no more than this. */
  refuse(): void {
    this.readyState = FakeWebSocket.CLOSED;
    this.#fire("error", new Event("error"));
    this.#fire("close", new CloseEvent("close", { code: 1006 }));
  }

  /** What Chromium does when the page's CSP forbids the connection. */
  fireErrorOnly(): void {
    this.readyState = FakeWebSocket.CLOSED;
    this.#fire("error", new Event("error"));
  }

  #fire(type: "open" | "message" | "error" | "close", event: Event): void {
    this[`on${type}`]?.(event);
    this.dispatchEvent(event);
  }
}

/** Installs the fake; sockets of earlier tests are forgotten. */
export function installFakeWebSocket(): void {
  FakeWebSocket.made = [];
  vi.stubGlobal("WebSocket", FakeWebSocket);
}

/** The `index`-th socket made. @throws Error when there are fewer */
export function socketAt(index: number): FakeWebSocket {
  const socket = FakeWebSocket.made[index];
  if (socket === undefined) {
    throw new Error(`socket ${index} was not made; there are ${FakeWebSocket.made.length}`);
  }
  return socket;
}

export function liveSockets(): number {
  return FakeWebSocket.made.filter(({ isLive }) => isLive).length;
}

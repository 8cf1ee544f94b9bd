import { PING, PONG, parseHeartbeat } from "@visitor-tracker/protocol";
import { WebSocket } from "ws";

/** What all connections of this process have said and heard. */
export interface Talk {
  /** Pings sent: answered by the platform. */
  readonly pings: number;
  readonly pongs: number;
  /** JSON heartbeats sent: they wake the object. */
  readonly heartbeats: number;
  /** Messages received that are no pong. */
  readonly counts: number;
}

const talk = { pings: 0, pongs: 0, heartbeats: 0, counts: 0 };
const open = new Set<WebSocket>();

/** The WebSocket that clients get here: it writes down what passes, and does not compress. */
export class CountedWebSocket extends WebSocket {
  constructor(url: string | URL) {
    super(url, { perMessageDeflate: false });
    open.add(this);
    this.on("close", () => open.delete(this));
    // Who leaves before the connection is made ends it with one.
    this.on("error", () => {});
    this.on("message", (data) => {
      if (Buffer.isBuffer(data) && data.toString() === PONG) talk.pongs++;
      else talk.counts++;
    });
  }

  override send(data: string): void {
    if (data === PING) talk.pings++;
    else if (parseHeartbeat(data) !== null) talk.heartbeats++;
    super.send(data);
  }
}

export function readTalk(): Talk {
  return { ...talk };
}

/** Resolves when every connection made here has ended. */
export async function allClosed(): Promise<void> {
  await Promise.all(
    [...open].map((socket) => new Promise<void>((resolve) => socket.on("close", () => resolve()))),
  );
}

/**
 * Gives this process what the product's browser client asks of a page: one that stays in view and
 * goes nowhere. To be called before the client is used.
 */
export function becomeBrowser(): void {
  const page = {
    WebSocket: CountedWebSocket,
    addEventListener: () => {},
    document: { hidden: false },
    location: new URL("https://quiet.example/"),
  };
  Object.assign(globalThis, { ...page, self: page, window: page });
}

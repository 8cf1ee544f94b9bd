import { parseCount } from "@visitor-tracker/protocol";
import { WebSocket, type MessageEvent } from "ws";

export interface SocketEvents {
  readonly onJoin: () => void;
  /** @param wasOpen whether the handshake had succeeded */
  readonly onClose: (code: number, wasOpen: boolean) => void;
  readonly onCount: (count: number) => void;
}

/**
 * Gives this process what the client needs of a browser: one visible page that nobody leaves, and a
 * WebSocket that says where it comes from.
 */
export function installBrowser(origin: string, events: SocketEvents): void {
  class BrowserWebSocket extends WebSocket {
    constructor(url: string) {
      super(url, { origin, perMessageDeflate: false });
      let wasOpen = false;
      events.onJoin();
      this.on("open", () => (wasOpen = true));
      this.on("error", () => {}); // a close follows, also where the client has let go of the socket
      this.on("close", (code) => events.onClose(code, wasOpen));
      this.addEventListener("message", ({ data }: MessageEvent) => {
        const count = parseCount(data)?.count;
        if (count !== undefined) events.onCount(count);
      });
    }
  }
  Object.assign(globalThis, {
    WebSocket: BrowserWebSocket,
    window: globalThis,
    document: { hidden: false },
    location: new URL(origin),
    addEventListener: () => {},
  });
}

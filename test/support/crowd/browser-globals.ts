import { parseCount } from "@visitor-tracker/protocol";
import { WebSocket, type MessageEvent } from "ws";
import type { Loss } from "./log.ts";

export interface SocketEvents {
  readonly onJoin: (visitor: string) => void;
  readonly onClose: (loss: Omit<Loss, "atMs">) => void;
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
      const visitor = new URL(url).searchParams.get("userId") ?? "";
      let wasOpen = false;
      events.onJoin(visitor);
      this.on("open", () => (wasOpen = true));
      this.on("error", () => {}); // a close follows, also where the client has let go of the socket
      this.on("close", (code) => events.onClose({ visitor, code, wasOpen }));
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

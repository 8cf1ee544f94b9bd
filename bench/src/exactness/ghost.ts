import { PING } from "@visitor-tracker/protocol";
import { heartbeatFrame } from "./beats.ts";
import type { TabOptions } from "./tab-options.ts";
import type { Wire } from "./wire.ts";

/**
 * Goes on pinging and beating over a connection that the server has closed, and never answers the close: what is
 * left of a client whose new connection has taken over, or whose program hangs.
 * @returns what ends it
 */
export function haunt(wire: Wire, tab: TabOptions): () => void {
  const timer = setInterval(() => {
    if (!wire.isOpen) return clearInterval(timer);
    wire.sendText(PING);
    wire.send(heartbeatFrame(tab));
  }, tab.beatMs);
  return () => {
    clearInterval(timer);
    wire.destroy();
  };
}

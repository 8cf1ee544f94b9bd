import { PING } from "@visitor-tracker/protocol";
import { heartbeatFrame } from "./beats.ts";
import type { TabOptions } from "./tab-options.ts";
import type { Wire } from "./wire.ts";

/**
 * Connections that the server has closed, and over which a client goes on pinging and beating without
 * ever answering the close: what is left of one whose new connection has taken over, or that hangs.
 */
export class Ghosts {
  readonly #wires = new Map<Wire, ReturnType<typeof setInterval>>();
  #added = 0;

  /** How many there ever were. */
  get size(): number {
    return this.#added;
  }

  add(wire: Wire, tab: TabOptions): void {
    this.#added++;
    const timer = setInterval(() => {
      wire.sendText(PING);
      wire.send(heartbeatFrame(tab));
      if (!wire.isOpen) this.#end(wire);
    }, tab.beatMs);
    this.#wires.set(wire, timer);
  }

  end(): void {
    for (const wire of this.#wires.keys()) this.#end(wire);
  }

  #end(wire: Wire): void {
    clearInterval(this.#wires.get(wire));
    this.#wires.delete(wire);
    wire.destroy();
  }
}

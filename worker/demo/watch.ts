import type { Cuttable, Line, Traffic } from "./traffic.ts";

/** Has the page's WebSockets and requests accounted for. To be called before the first is made. */
export function watch(traffic: Traffic): void {
  const { fetch } = globalThis;
  globalThis.fetch = (...request) => {
    traffic.asked();
    return fetch(...request);
  };
  globalThis.WebSocket = class extends WebSocket implements Cuttable {
    readonly #line: Line;
    #ended: ((code: number) => void) | undefined;

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      const visitorId = new URL(url).searchParams.get("userId") ?? "";
      this.#line = traffic.opening(visitorId, this, Date.now());
      // First in line, so that what they stop the client does not hear.
      this.addEventListener("open", () => traffic.opened());
      this.addEventListener("message", (event) => {
        if (this.#ended) event.stopImmediatePropagation();
        else traffic.hears(this.#line, event.data, performance.now());
      });
      this.addEventListener("close", (event) => {
        if (this.#ended) event.stopImmediatePropagation();
        else traffic.closed(this.#line, event.code, event.reason);
        this.#ended?.(event.code);
      });
    }

    override send(data: string): void {
      if (this.#ended) return;
      traffic.sends(this.#line, data, performance.now());
      super.send(data);
    }

    override close(code?: number, reason?: string): void {
      if (!this.#ended) super.close(code, reason);
    }

    cut(ended: (code: number) => void): void {
      this.#ended = ended;
    }
  };
}

import { parseCount } from "@visitor-tracker/protocol";
import { env, exports } from "cloudflare:workers";
import type { PageCounter } from "../../src/page-counter.ts";

export const ORIGIN = "https://example.com";

/** A page of its own for each test, so that tests do not see each other's visitors. */
export function freshPage(): string {
  return `${ORIGIN}/${crypto.randomUUID()}`;
}

export function counterOf(page: string): DurableObjectStub<PageCounter> {
  return env.PAGE_COUNTER.getByName(page);
}

export interface VisitorOptions {
  readonly page: string;
  /** @default one of its own */
  readonly userId?: string;
  /** Appended to the query. @default "&v=2" */
  readonly query?: string;
  readonly headers?: Record<string, string>;
}

/** Asks for a connection as a browser on {@link ORIGIN} does. */
export function requestJoin(options: VisitorOptions): Promise<Response> {
  const { page, userId = crypto.randomUUID(), query = "&v=2", headers } = options;
  return exports.default.fetch(
    `https://tracker.test/ws?page=${encodeURIComponent(page)}&userId=${userId}${query}`,
    { headers: { Upgrade: "websocket", Origin: ORIGIN, ...headers } },
  );
}

/** A client that writes down everything it is told. */
export class Visitor {
  readonly socket: WebSocket;
  /** Every message, as it came. */
  readonly messages: string[] = [];
  /** Settles with the code and reason of the close. */
  readonly closed: Promise<[code: number, reason: string]>;
  #wake = Promise.withResolvers<void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.messages.push(String(data));
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => resolve([code, reason]));
    });
    socket.accept();
  }

  static async join(options: VisitorOptions): Promise<Visitor> {
    const response = await requestJoin(options);
    if (response.webSocket === null) {
      throw new Error(`no WebSocket but ${response.status} ${await response.text()}`);
    }
    return new Visitor(response.webSocket);
  }

  get counts(): (number | undefined)[] {
    return this.messages.map((message) => parseCount(message)?.count);
  }

  /** Waits until the last of its messages is this count. */
  async sees(count: number): Promise<void> {
    await this.until(() => this.counts.at(-1) === count);
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.#wake.promise;
  }

  heartbeat(userId = "somebody-else"): void {
    this.socket.send(
      JSON.stringify({ type: "heartbeat", userId, pageUrl: "/elsewhere", timestamp: 1 }),
    );
  }

  leave(code = 1000): Promise<[code: number, reason: string]> {
    this.socket.close(code);
    return this.closed;
  }
}

import { EventEmitter, once } from "node:events";
import { parseCount, serializeHeartbeat } from "@visitor-tracker/protocol";
import { WebSocket } from "ws";

export interface VisitorOptions {
  page: string;
  userId: string;
  /** Origin header; none is sent without it. */
  origin?: string;
  /** Further query parameters, e.g. `{ v: "2" }`. */
  query?: Record<string, string>;
  headers?: Record<string, string>;
}

/** A raw WebSocket client of the contract, for checks of a deployment from outside. */
export class Visitor {
  /** Every count received, oldest first. */
  readonly counts: number[] = [];
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  readonly #options: VisitorOptions;
  readonly #news = new EventEmitter();

  /**
   * Connects. Rejects with the HTTP status and body when the server refuses the upgrade.
   * @param base address of the deployment, e.g. `https://count.example.com/live`
   */
  static async join(base: string, options: VisitorOptions): Promise<Visitor> {
    const url = new URL(`${base.replace(/\/$/, "")}/ws`);
    url.protocol = url.protocol.replace("http", "ws");
    const { page, userId, query, origin, headers } = options;
    url.search = new URLSearchParams({ page, userId, ...query }).toString();
    const socket = new WebSocket(url, { headers: { ...headers, ...(origin && { origin }) } });
    const visitor = new Visitor(socket, options);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
      socket.once("unexpected-response", (_request, response) => {
        response.setEncoding("utf8");
        let body = "";
        response.on("data", (chunk: string) => (body += chunk));
        response.on("end", () => reject(new Error(`refused with ${response.statusCode}: ${body}`)));
      });
    });
    return visitor;
  }

  private constructor(socket: WebSocket, options: VisitorOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("error", () => {}); // `closed` and `join` report it
    socket.on("message", (data: Buffer) => this.#receive(data.toString("utf8")));
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString("utf8") }));
    });
  }

  /** The last count received. */
  get count(): number | undefined {
    return this.counts.at(-1);
  }

  /** Resolves when the last count is `expected`; rejects after `withinMs`. */
  async sees(expected: number, withinMs = 15_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (this.count !== expected) {
      const remaining = deadline - Date.now();
      if (remaining <= 0) throw this.#missed(expected, withinMs);
      await once(this.#news, "count", { signal: AbortSignal.timeout(remaining) }).catch(() => {});
    }
  }

  send(data: string | Buffer): void {
    this.#socket.send(data);
  }

  /** Sends the contract's JSON heartbeat. */
  heartbeat(): void {
    this.send(serializeHeartbeat(this.#options.userId, this.#options.page, Date.now()));
  }

  /** Leaves with a closing handshake. */
  async leave(): Promise<void> {
    this.#socket.close(1000, "bye");
    await this.closed;
  }

  /** Vanishes without a word. */
  kill(): void {
    this.#socket.terminate();
  }

  #receive(data: string): void {
    const message = parseCount(data);
    if (message === null) return;
    this.counts.push(message.count);
    this.#news.emit("count");
  }

  #missed(expected: number, withinMs: number): Error {
    const seen = this.counts.length === 0 ? "no count at all" : this.counts.slice(-5).join(", ");
    return new Error(`expected the count ${expected} within ${withinMs} ms, got ${seen}`);
  }
}

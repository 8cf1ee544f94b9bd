import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { parseHeartbeat, PING, PONG, serializeCount } from "@visitor-tracker/protocol";
import { type WebSocket, WebSocketServer } from "ws";
import { nowMs, Watched } from "./watched.ts";

/** What happened to the server, with the time in milliseconds since the epoch. */
export interface ServerEvent {
  readonly atMs: number;
  /** `asked` is a plain GET; `refused` a handshake that was turned away, or never answered. */
  readonly what: "open" | "close" | "message" | "asked" | "refused";
  /** `page` of the connection's address. */
  readonly page: string;
  readonly userId: string;
  readonly isObserver: boolean;
  /** Origin header. */
  readonly origin: string | undefined;
  /** Text of a message, code of a close; empty otherwise. */
  readonly detail: string;
}

/** What the server does with those who come. */
export type Behaviour =
  /** Without pongs it is a server of the contract. */
  | { readonly kind: "count"; readonly hasPongs?: boolean }
  /** Opens connections and never says anything on them. */
  | { readonly kind: "mute" }
  /** Takes the request and never answers it. */
  | { readonly kind: "hang" }
  /** Answers handshakes and plain requests with this. */
  | { readonly kind: "refuse"; readonly status: number; readonly body: string }
  /** Opens connections and closes them at once. */
  | { readonly kind: "close"; readonly code: number; readonly reason: string };

type Who = Omit<ServerEvent, "atMs" | "what" | "detail">;

/**
 * A Visitor Tracker of one process, on a port of loopback, that writes down all that happens: the
 * protocol without its scale, and with every way to misbehave.
 */
export class CountServer extends Watched implements AsyncDisposable {
  readonly log: ServerEvent[] = [];
  behaviour: Behaviour = { kind: "count" };
  #http: Server = createServer();
  #port = 0;
  readonly #webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #visitors = new Map<WebSocket, Who>();
  readonly #paths = new Set<Socket>();
  /** Of each page, while its visitors are to be told. */
  readonly #telling = new Set<string>();

  static async start(behaviour: Behaviour = { kind: "count" }): Promise<CountServer> {
    const server = new CountServer();
    server.behaviour = behaviour;
    await server.restart();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Connections that are open. */
  get live(): number {
    return this.#visitors.size;
  }

  /** Distinct visitors with an open connection to any page. */
  get count(): number {
    const visitors = [...this.#visitors.values()].filter(({ isObserver }) => !isObserver);
    return new Set(visitors.map(({ page, userId }) => `${userId} ${page}`)).size;
  }

  /** What of this kind has happened, oldest first. */
  all(what: ServerEvent["what"]): ServerEvent[] {
    return this.log.filter((event) => event.what === what);
  }

  /** Connections that were ever opened. */
  get opened(): number {
    return this.all("open").length;
  }

  /** Listens again, where it listened before. */
  async restart(): Promise<void> {
    this.#http = createServer((request, response) => this.#answer(request, response));
    this.#http.on("connection", (path: Socket) => {
      this.#paths.add(path);
      path.on("close", () => this.#paths.delete(path));
    });
    this.#http.on("upgrade", (...handshake) => this.#upgrade(...handshake));
    this.#http.listen({ port: this.#port, host: "127.0.0.1", backlog: 4_096 });
    await once(this.#http, "listening");
    const address: AddressInfo | string | null = this.#http.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
  }

  /** Ends every connection, by a close with the code, or without a word. */
  drop(code?: number): void {
    for (const socket of this.#visitors.keys()) {
      if (code === undefined) socket.terminate();
      else socket.close(code);
    }
  }

  /** Nobody is served or reached until it restarts. */
  async stop(): Promise<void> {
    for (const path of this.#paths) path.destroy();
    this.#http.close();
    await once(this.#http, "close");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#http.listening) await this.stop();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.#write("asked", identify(request));
    if (this.behaviour.kind === "hang") return;
    const { status, body } =
      this.behaviour.kind === "refuse" ? this.behaviour : { status: 426, body: "" };
    response.writeHead(status, { "access-control-allow-origin": "*" }).end(body);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const who = identify(request);
    socket.on("error", () => {}); // a close follows
    if (this.behaviour.kind === "count" || this.behaviour.kind === "mute") {
      this.#webSockets.handleUpgrade(request, socket, head, (opened) => this.#join(opened, who));
      return;
    }
    if (this.behaviour.kind === "close") {
      const { code, reason } = this.behaviour;
      this.#webSockets.handleUpgrade(request, socket, head, (opened) => {
        this.#join(opened, who);
        opened.close(code, reason);
      });
      return;
    }
    this.#write("refused", who);
    if (this.behaviour.kind === "hang") return;
    const { status, body } = this.behaviour;
    socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  }

  #join(socket: WebSocket, who: Who): void {
    const isMute = this.behaviour.kind === "mute";
    const hasPongs = this.behaviour.kind !== "count" || this.behaviour.hasPongs !== false;
    this.#visitors.set(socket, who);
    this.#write("open", who);
    socket.on("error", () => {}); // a close follows
    socket.on("close", (code) => {
      this.#visitors.delete(socket);
      this.#write("close", who, String(code));
      this.#tell(who.page);
    });
    socket.on("message", (data: Buffer) => {
      const text = data.toString("utf8");
      this.#write("message", who, text);
      if (isMute) return;
      if (text === PING) {
        if (hasPongs) socket.send(PONG);
      } else if (parseHeartbeat(text) === null) socket.close(1008, `${text} is no message`);
    });
    if (this.behaviour.kind !== "count") return;
    // At once to who came; to all when the dust has settled.
    socket.send(serializeCount(this.#countOf(who.page), Date.now()));
    this.#tell(who.page);
  }

  #countOf(page: string): number {
    const here = [...this.#visitors.values()].filter((who) => who.page === page);
    return new Set(here.filter((who) => !who.isObserver).map((who) => who.userId)).size;
  }

  #tell(page: string): void {
    if (this.#telling.has(page)) return;
    this.#telling.add(page);
    setTimeout(() => {
      this.#telling.delete(page);
      if (this.behaviour.kind === "mute") return;
      const text = serializeCount(this.#countOf(page), Date.now());
      for (const [socket, who] of this.#visitors) if (who.page === page) socket.send(text);
    }, tellAfterMs(this.live));
  }

  #write(what: ServerEvent["what"], who: Who, detail = ""): void {
    this.log.push({ atMs: nowMs(), what, ...who, detail });
    this.changed();
  }
}

/** As the Worker does, so that a crowd is not told of each of its own: 5,000 messages a second. */
function tellAfterMs(live: number): number {
  return Math.max(20, live / 5);
}

function identify({ url = "", headers }: IncomingMessage): Who {
  const { searchParams } = new URL(url, "http://localhost");
  return {
    page: searchParams.get("page") ?? "",
    userId: searchParams.get("userId") ?? "",
    isObserver:
      searchParams.get("observe") === "1" || headers["sec-gpc"] === "1" || headers["dnt"] === "1",
    origin: headers.origin,
  };
}

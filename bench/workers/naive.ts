import { DurableObject } from "cloudflare:workers";
import { metered, meteredWorker } from "./metering.ts";

interface Env {
  readonly PAGE: DurableObjectNamespace<NaivePage>;
}

/** "Session metadata (userId, connection time, last heartbeat)", says the contract. */
interface Session {
  readonly userId: string;
  readonly connectedAt: number;
  readonly lastHeartbeat: number;
}

const STALE_AFTER_MS = 45_000;

/**
 * The contract as its words and Cloudflare's documentation have it: sessions in a Map restored from
 * attachments, `getWebSockets().length` for the count, a broadcast at each change, an alarm to clean
 * up. https://developers.cloudflare.com/durable-objects/examples/websocket-hibernation-server/
 */
class NaivePage extends DurableObject<Env> {
  readonly #sessions = new Map<WebSocket, Session>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    for (const socket of ctx.getWebSockets()) {
      const session: Session | null = socket.deserializeAttachment();
      if (session !== null) this.#sessions.set(socket, { ...session });
    }
  }

  override async fetch(request: Request): Promise<Response> {
    const userId = new URL(request.url).searchParams.get("userId") ?? "";
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    const nowMs = Date.now();
    this.#remember(server, { userId, connectedAt: nowMs, lastHeartbeat: nowMs });
    if ((await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(nowMs + STALE_AFTER_MS);
    }
    this.#broadcast();
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    if (typeof data !== "string") return;
    const message: unknown = JSON.parse(data);
    const session = this.#sessions.get(socket);
    if (session === undefined || !isHeartbeat(message)) return;
    this.#remember(socket, { ...session, lastHeartbeat: Date.now() });
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    this.#sessions.delete(socket);
    // 1005 and 1006 say that there was no code, and may not be sent.
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
    this.#broadcast();
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#sessions.delete(socket);
    this.#broadcast();
  }

  override async alarm(): Promise<void> {
    const nowMs = Date.now();
    const stale = [...this.#sessions].filter(
      ([, { lastHeartbeat }]) => nowMs - lastHeartbeat > STALE_AFTER_MS,
    );
    for (const [socket] of stale) {
      this.#sessions.delete(socket);
      socket.close(1001, "no heartbeat");
    }
    if (stale.length > 0) this.#broadcast();
    if (this.#sessions.size > 0) await this.ctx.storage.setAlarm(nowMs + STALE_AFTER_MS);
  }

  #remember(socket: WebSocket, session: Session): void {
    this.#sessions.set(socket, session);
    socket.serializeAttachment(session);
  }

  #broadcast(): void {
    const count = this.ctx.getWebSockets().length;
    const message = JSON.stringify({ type: "count", count, timestamp: Date.now() });
    for (const socket of this.#sessions.keys()) {
      try {
        socket.send(message);
      } catch {
        // It went away, and its close event is on its way.
      }
    }
  }
}

function isHeartbeat(message: unknown): boolean {
  return (
    typeof message === "object" &&
    message !== null &&
    "type" in message &&
    message.type === "heartbeat"
  );
}

export const Page = metered(NaivePage);

export default meteredWorker<Env>({
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/health") return Response.json({ status: "ok", timestamp: Date.now() });
    if (pathname !== "/ws") return new Response("Not found", { status: 404 });
    if (request.headers.get("Upgrade") !== "websocket") {
      return new Response("Expected Upgrade: websocket", { status: 426 });
    }
    const page = searchParams.get("page");
    if (page === null || searchParams.get("userId") === null) {
      return new Response("page and userId are required", { status: 400 });
    }
    return env.PAGE.getByName(page).fetch(request);
  },
});

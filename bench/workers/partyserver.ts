import { type Connection, type ConnectionContext, Server } from "partyserver";
import { metered, meteredWorker } from "./metering.ts";

interface Env {
  readonly PAGE: DurableObjectNamespace<PartyPage>;
}

/**
 * A live count as partyserver's documentation has it: hibernating connections, `getConnections()`
 * for who is here, `broadcast()` in each lifecycle hook.
 */
class PartyPage extends Server {
  static override options = { hibernate: true };

  override onConnect(connection: Connection, { request }: ConnectionContext): void {
    connection.setState({ userId: new URL(request.url).searchParams.get("userId") });
    this.#broadcastCount();
  }

  override onMessage(): void {
    // A heartbeat: the message itself was all.
  }

  override onClose(): void {
    this.#broadcastCount();
  }

  override onError(): void {
    this.#broadcastCount();
  }

  #broadcastCount(): void {
    const count = [...this.getConnections()].length;
    this.broadcast(JSON.stringify({ type: "count", count, timestamp: Date.now() }));
  }
}

export const Page = metered(PartyPage);

export default meteredWorker<Env>({
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const page = searchParams.get("page");
    if (pathname !== "/ws" || page === null) return new Response("Not Found", { status: 404 });
    // Addressed by name as `routePartykitRequest` does it: without the call that `getServerByName` makes.
    return env.PAGE.getByName(page).fetch(request);
  },
});

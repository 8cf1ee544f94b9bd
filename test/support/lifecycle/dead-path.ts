import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  isDead: boolean;
}

/** A TCP path to a port of loopback that can die as radio does: without a word to either end. */
export class DeadPath implements AsyncDisposable {
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();

  static async to(port: number): Promise<DeadPath> {
    const path = new DeadPath(port);
    path.#listener.listen(0, "127.0.0.1");
    await once(path.#listener, "listening");
    return path;
  }

  private constructor(port: number) {
    this.#listener = createServer({ allowHalfOpen: true }, (client) => {
      const server = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      const pair: Pair = { client, server, isDead: false };
      this.#pairs.add(pair);
      this.#forward(pair, client, server);
      this.#forward(pair, server, client);
    });
  }

  get url(): string {
    const address: AddressInfo | string | null = this.#listener.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`;
  }

  /** What is connected now hears nothing any more, not even an end; what connects later is well. */
  die(): void {
    for (const pair of this.#pairs) pair.isDead = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    this.#listener.close();
    await once(this.#listener, "close");
  }

  #forward(pair: Pair, from: Socket, to: Socket): void {
    from.on("data", (data) => {
      if (!pair.isDead) to.write(data);
    });
    from.on("end", () => {
      if (!pair.isDead) to.end();
    });
    from.on("close", () => {
      if (!pair.isDead) to.destroy();
    });
    from.on("error", () => {}); // a close follows
  }
}

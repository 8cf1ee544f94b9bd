import type { EvictOutcome, TestServer } from "./server.ts";

/** What happens to every page of a server at once. */
export type ServerEvent =
  | { readonly kind: "cutting" }
  | { readonly kind: "redeployed" }
  | { readonly kind: "clock"; readonly byMs: number }
  | { readonly kind: "clock stepped" };

export type ServerListener = (event: ServerEvent) => void;

/** One server under several pages, all of which live through what happens to it. */
export class SharedServer {
  readonly #server: TestServer;
  readonly #listeners = new Set<ServerListener>();
  #offsetMs = 0;
  #isCutting = false;
  #last: Promise<void> = Promise.resolve();

  constructor(server: TestServer) {
    this.#server = server;
  }

  get port(): number {
    return this.#server.port;
  }

  /** Who comes while it is being deployed again is told so. @returns what ends it */
  listen(listener: ServerListener): () => void {
    this.#listeners.add(listener);
    if (this.#isCutting) listener({ kind: "cutting" });
    return () => void this.#listeners.delete(listener);
  }

  evict(objectName: string, webSockets: "hibernate" | "close"): Promise<EvictOutcome> {
    return this.#server.evict(objectName, webSockets);
  }

  redeploy(): Promise<void> {
    return this.#inTurn(async () => {
      this.#isCutting = true;
      this.#tell({ kind: "cutting" });
      await this.#server.redeploy();
      this.#isCutting = false;
      this.#tell({ kind: "redeployed" });
    });
  }

  stepClock(byMs: number): Promise<void> {
    return this.#inTurn(async () => {
      this.#offsetMs += byMs;
      this.#tell({ kind: "clock", byMs });
      await this.#server.setClock(this.#offsetMs);
      this.#tell({ kind: "clock stepped" });
    });
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => {});
    return turn;
  }

  #tell(event: ServerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

import type { Connection } from "./connection.ts";

/**
 * Who is on a page: a view of the sockets' attachments, made again whenever the object wakes.
 * Counts visitors, not connections.
 */
export class Roster<Socket> {
  readonly #connections = new Map<Socket, Connection>();
  readonly #tabs = new Map<string, number>();
  #contractConnections = 0;

  /** Distinct visitors. */
  get visitors(): number {
    return this.#tabs.size;
  }

  /** Every connection, observers included. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Connections whose client does not say `v=2`: only an alarm can tell that they fell silent. */
  get contractConnections(): number {
    return this.#contractConnections;
  }

  /** Adds a connection, or replaces what is known of it. */
  set(socket: Socket, connection: Connection): void {
    this.delete(socket);
    this.#connections.set(socket, connection);
    if (connection.v === undefined) this.#contractConnections++;
    if (connection.u !== undefined) this.#tabs.set(connection.u, this.tabsOf(connection.u) + 1);
  }

  delete(socket: Socket): void {
    const connection = this.#connections.get(socket);
    if (connection === undefined) return;
    this.#connections.delete(socket);
    if (connection.v === undefined) this.#contractConnections--;
    if (connection.u === undefined) return;
    const tabs = this.tabsOf(connection.u) - 1;
    if (tabs > 0) this.#tabs.set(connection.u, tabs);
    else this.#tabs.delete(connection.u);
  }

  get(socket: Socket): Connection | undefined {
    return this.#connections.get(socket);
  }

  has(socket: Socket): boolean {
    return this.#connections.has(socket);
  }

  /** Connections of the visitor with this hash. */
  tabsOf(visitor: string): number {
    return this.#tabs.get(visitor) ?? 0;
  }

  sockets(): IterableIterator<Socket> {
    return this.#connections.keys();
  }

  entries(): IterableIterator<[Socket, Connection]> {
    return this.#connections.entries();
  }
}

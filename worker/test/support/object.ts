import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { type Connection, parseConnection } from "../../src/connection.ts";
import type { PageCounter } from "../../src/page-counter.ts";

/** Attachments of all sockets that still count, in the order of joining. */
export function connectionsOf(stub: DurableObjectStub<PageCounter>): Promise<Connection[]> {
  return runInDurableObject(stub, (_instance, state) =>
    state
      .getWebSockets()
      .flatMap((socket) => parseConnection(socket.deserializeAttachment()) ?? [])
      .toSorted((a, b) => a.j - b.j),
  );
}

export interface AgeOptions {
  readonly byMs: number;
  /** @default everyone */
  readonly only?: (connection: Connection) => boolean;
}

/** Moves last signs of life into the past, and has the object hibernate, so that it reads them. */
export async function age(
  stub: DurableObjectStub<PageCounter>,
  options: AgeOptions,
): Promise<void> {
  const { byMs, only = () => true } = options;
  await runInDurableObject(stub, (_instance, state) => {
    for (const socket of state.getWebSockets()) {
      const connection = parseConnection(socket.deserializeAttachment());
      if (connection === null || !only(connection)) continue;
      socket.serializeAttachment({ ...connection, t: connection.t - byMs });
    }
  });
  await evictDurableObject(stub);
}

export interface Stored {
  readonly alarmMs: number | null;
  readonly tables: number;
  readonly keys: number;
}

/** What the object has in storage; `{ alarmMs: null, tables: 0, keys: 0 }` when it is empty. */
export function storedBy(stub: DurableObjectStub<PageCounter>): Promise<Stored> {
  return runInDurableObject(stub, async (_instance, { storage }) => ({
    alarmMs: await storage.getAlarm(),
    tables: storage.sql.exec("SELECT name FROM sqlite_master").toArray().length,
    keys: (await storage.list()).size,
  }));
}

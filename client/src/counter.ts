import { type Connection, IDLE, openConnection } from "./connection.ts";
import type { VisitorCounter, VisitorCounterOptions } from "./types.ts";

/** Open connections by what they count. */
const pool = new Map<string, Connection>();

/**
 * A counter for one page of one endpoint. Nothing happens until someone subscribes. Counters with
 * the same `endpoint`, `page` and `visitorId` share one connection, with the timing of the first.
 */
export function createVisitorCounter(options: VisitorCounterOptions = {}): VisitorCounter {
  const key = JSON.stringify([options.endpoint, options.page, options.visitorId]);
  return {
    subscribe(listener) {
      const connection = pool.get(key) ?? openConnection(options);
      pool.set(key, connection);
      // One function subscribed twice is two subscriptions.
      const entry = (): void => listener();
      connection.listeners.add(entry);
      return () => {
        connection.listeners.delete(entry);
        // StrictMode, Fast Refresh and changed options leave and rejoin within one task.
        queueMicrotask(() => {
          if (connection.listeners.size || pool.get(key) !== connection) return;
          pool.delete(key);
          connection.stop();
        });
      };
    },
    getSnapshot: () => pool.get(key)?.state() ?? IDLE,
    getServerSnapshot: () => IDLE,
  };
}

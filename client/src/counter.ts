import { type Connection, IDLE, openConnection } from "./connection.ts";
import type { VisitorCounter, VisitorCounterOptions } from "./types.ts";

/** Open connections by what they count. */
const pool: { [key: string]: Connection | undefined } = {};

/**
 * A counter for one page of one endpoint. Nothing happens until someone subscribes. Counters with
 * the same `endpoint`, `page` and `visitorId` share one connection, with the timing of the first.
 */
export function createVisitorCounter(options: VisitorCounterOptions = {}): VisitorCounter {
  const key = JSON.stringify([options.endpoint, options.page, options.visitorId]);
  return {
    subscribe(listener) {
      const connection = (pool[key] ??= openConnection(options));
      const [listeners, , stop] = connection;
      // One function subscribed twice is two subscriptions.
      const entry = (): void => listener();
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
        // StrictMode, Fast Refresh and changed options leave and rejoin within one task.
        queueMicrotask(() => {
          if (listeners.size || pool[key] !== connection) return;
          delete pool[key];
          stop();
        });
      };
    },
    getSnapshot: () => pool[key]?.[1]() ?? IDLE,
    getServerSnapshot: () => IDLE,
  };
}

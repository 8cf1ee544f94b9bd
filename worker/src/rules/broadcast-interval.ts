import {
  BROADCAST_MESSAGES_PER_SECOND,
  MAX_BROADCAST_INTERVAL_MS,
  MIN_BROADCAST_INTERVAL_MS,
} from "@visitor-tracker/protocol";

/**
 * Least time between two broadcasts to that many connections. It grows with the page so that the
 * messages a second stay bounded, and is no longer than that asks: a pending timer keeps the object
 * from hibernating.
 */
export function broadcastIntervalMs(connections: number): number {
  const wanted = (connections / BROADCAST_MESSAGES_PER_SECOND) * 1_000;
  return Math.min(MAX_BROADCAST_INTERVAL_MS, Math.max(MIN_BROADCAST_INTERVAL_MS, wanted));
}

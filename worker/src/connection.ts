import { type MessageDebt, isMessageDebt } from "./rules/message-rate.ts";

/**
 * What is kept of one connection, as its WebSocket attachment: it survives hibernation and is gone
 * with the connection. Short keys: a page may hold thousands. No visitor id, no address, no page.
 */
export interface Connection {
  /** Hash of the visitor's id; absent for an observer, of whom nothing is kept. */
  readonly u?: string;
  /** When it joined, milliseconds since the epoch. */
  readonly j: number;
  /** Last sign of life that woke the object: the join, or a heartbeat. */
  readonly t: number;
  /** A client that pings without waking the object and starts sweeps itself (`v=2`). */
  readonly v?: 2;
  /** Of an observer: how many shards the page had when it joined; absent for one. */
  readonly s?: number;
  /** State of the message allowance, see `rules/message-rate.ts`. */
  readonly m?: MessageDebt;
}

/**
 * The connection of a socket; null once it does not count any more. `readyState` does not tell:
 * workerd forgets over two hibernations that it has closed a socket whose peer never answered, and
 * reports it open again (seen with workerd 1.20261117.1).
 */
export function readConnection(socket: WebSocket): Connection | null {
  return parseConnection(socket.deserializeAttachment());
}

/** Parses an attachment. Never throws. */
export function parseConnection(attachment: unknown): Connection | null {
  if (typeof attachment !== "object" || attachment === null) return null;
  const { u, j, t, v, s, m }: { [key: string]: unknown } = { ...attachment };
  if (typeof j !== "number" || typeof t !== "number") return null;
  return {
    ...(typeof u === "string" ? { u } : {}),
    j,
    t,
    ...(v === 2 ? { v } : {}),
    ...(typeof s === "number" ? { s } : {}),
    ...(isMessageDebt(m) ? { m } : {}),
  };
}

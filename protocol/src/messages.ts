/**
 * Frames that the platform answers without waking the Durable Object. Auto-response compares whole
 * strings, so these exact bytes are the protocol.
 */
export const PING = '{"type":"ping"}';
export const PONG = '{"type":"pong"}';

/** Client to server, from the contract: a sign of life that wakes the object and starts a sweep. */
export interface Heartbeat {
  readonly type: "heartbeat";
  readonly userId: string;
  readonly pageUrl: string;
  /** Milliseconds since the epoch, by the client's clock. */
  readonly timestamp: number;
}

/** Server to client: the number of distinct visitors on the page. */
export interface Count {
  readonly type: "count";
  readonly count: number;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly timestamp: number;
}

/** The contract's heartbeat frame. */
export function serializeHeartbeat(userId: string, pageUrl: string, timestamp: number): string {
  return JSON.stringify({ type: "heartbeat", userId, pageUrl, timestamp });
}

/** The contract's count frame: these fields, in this order. */
export function serializeCount(count: number, timestamp: number): string {
  return `{"type":"count","count":${count},"timestamp":${timestamp}}`;
}

/** Parses a frame from a client. Never throws: the peer is not trusted. */
export function parseHeartbeat(data: unknown): Heartbeat | null {
  const { type, userId, pageUrl, timestamp } = parseObject(data);
  if (type !== "heartbeat" || typeof userId !== "string" || typeof pageUrl !== "string")
    return null;
  return typeof timestamp === "number" ? { type, userId, pageUrl, timestamp } : null;
}

/** Parses a count from a server. Never throws: the peer is not trusted. */
export function parseCount(data: unknown): Count | null {
  const { type, count, timestamp } = parseObject(data);
  if (type !== "count" || !isCount(count) || typeof timestamp !== "number") return null;
  return { type, count, timestamp };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function parseObject(data: unknown): { [key: string]: unknown } {
  if (typeof data !== "string") return {};
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

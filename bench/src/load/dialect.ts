import { encodeText } from "./frames.ts";

/** What text from a server means to a client. */
export type Said =
  | { readonly kind: "count"; readonly count: number }
  | { readonly kind: "pong" }
  /** The server wants this frame. */
  | { readonly kind: "answer"; readonly frame: Buffer }
  | { readonly kind: "other" };

/** How a client speaks with a server, over WebSocket. */
export interface Dialect {
  path(page: string, userId: string): string;
  read(payload: Buffer, start: number, end: number): Said;
  /**
   * The sign of life that is due every 20 s; null when the library has its own.
   * @param isSweep whether it is to be one that wakes the object, where there are two kinds
   */
  heartbeat(page: string, userId: string, isSweep: boolean): Buffer | null;
}

const OTHER: Said = { kind: "other" };
const SAID_PONG: Said = { kind: "pong" };
const PING_FRAME = encodeText('{"type":"ping"}');

/** The contract: JSON heartbeats. */
const CONTRACT: Dialect = {
  path: (page, userId) => `/ws?page=${encodeURIComponent(page)}&userId=${userId}`,
  read: readPlain,
  heartbeat: (pageUrl, userId) =>
    encodeText(JSON.stringify({ type: "heartbeat", userId, pageUrl, timestamp: Date.now() })),
};

/** The product's own client: pings, and now and then a heartbeat. */
const PRODUCT: Dialect = {
  path: (page, userId) => `${CONTRACT.path(page, userId)}&v=2`,
  read: readPlain,
  heartbeat: (page, userId, isSweep) =>
    isSweep ? CONTRACT.heartbeat(page, userId, isSweep) : PING_FRAME,
};

/**
 * Socket.IO 4 over WebSocket alone: Engine.IO's packet type, then Socket.IO's, then JSON.
 * https://socket.io/docs/v4/engine-io-protocol/ and https://socket.io/docs/v4/socket-io-protocol/
 */
const SOCKET_IO: Dialect = {
  path: () => "/socket.io/?EIO=4&transport=websocket",
  read(payload, start, end) {
    const packet = payload[start];
    if (packet === ZERO) return { kind: "answer", frame: CONNECT_FRAME };
    if (packet === ZERO + 2) return { kind: "answer", frame: PONG_FRAME };
    return packet === ZERO + 4 ? readCount(payload, start, end) : OTHER;
  },
  heartbeat: () => null,
};

const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const CONNECT_FRAME = encodeText("40");
const PONG_FRAME = encodeText("3");
/** Where the type begins in `{"type":"count"` and `{"type":"pong"`. */
const TYPE_AT = '{"type":"'.length;
const P = 0x70;

function readPlain(payload: Buffer, start: number, end: number): Said {
  return payload[start + TYPE_AT] === P ? SAID_PONG : readCount(payload, start, end);
}

/** The first number of a message: its count. By hand, since there are hundreds of thousands. */
function readCount(payload: Buffer, start: number, end: number): Said {
  for (let at = start; at < end - 1; at++) {
    if (payload[at] !== COLON) continue;
    let digit = payload[++at] ?? 0;
    if (digit < ZERO || digit > NINE) continue;
    let count = 0;
    while (digit >= ZERO && digit <= NINE) {
      count = count * 10 + digit - ZERO;
      digit = payload[++at] ?? 0;
    }
    return { kind: "count", count };
  }
  return OTHER;
}

export type DialectName = "contract" | "product" | "socket.io";

const DIALECTS: { readonly [Name in DialectName]: Dialect } = {
  contract: CONTRACT,
  product: PRODUCT,
  "socket.io": SOCKET_IO,
};

export function dialectOf(name: DialectName): Dialect {
  return DIALECTS[name];
}

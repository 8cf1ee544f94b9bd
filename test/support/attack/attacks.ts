import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate } from "node:timers/promises";
import { MAX_MESSAGE_BYTES, PING, serializeHeartbeat } from "@visitor-tracker/protocol";
import type { Target } from "./protocol.ts";
import { type PeerOptions, RawPeer, frame } from "./raw-peer.ts";

export interface Attack {
  /** Connects, or fails to. */
  readonly enter: (target: Target) => Promise<RawPeer[]>;
  /** What each peer then does. @default nothing */
  readonly act?: (peer: RawPeer, task: Task) => Promise<void>;
}

interface Task {
  readonly target: Target;
  readonly signal: AbortSignal;
  readonly sent: (messages: number) => void;
}

/** Frames of a flood that are written at once. */
const BATCH = 200;
/** Handshakes under way at once. */
const AT_ONCE = 50;
const MIB = 1_048_576;

interface Who {
  /** @default one of its own */
  readonly userId?: string;
  /** Appended to the query. @default "&v=2" */
  readonly query?: string;
}

function joinPath(page: string, { userId = randomUUID(), query = "&v=2" }: Who = {}): string {
  return `/ws?page=${encodeURIComponent(page)}&userId=${userId}${query}`;
}

/** `count` peers, each with what `options` adds. */
async function peers(
  target: Target,
  count: number,
  options: (index: number) => Partial<PeerOptions> = () => ({}),
): Promise<RawPeer[]> {
  const joined: RawPeer[] = [];
  while (joined.length < count) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - joined.length) }, (_, index) =>
      RawPeer.join({
        ...target,
        path: joinPath(target.page),
        ...options(joined.length + index),
      }),
    );
    joined.push(...(await Promise.all(batch)));
  }
  return joined;
}

/** `count` peers who each send this so often, as fast as the network takes it, whatever the server says. */
function flood(payload: string | Buffer, times: number, count = 4): Attack {
  const batch = Buffer.concat(Array.from({ length: BATCH }, () => frame(payload)));
  return {
    enter: (target) => peers(target, count),
    async act(peer, { signal, sent }) {
      for (let done = 0; done < times; done += BATCH) {
        if (!(await peer.write(batch, signal))) return;
        sent(BATCH);
        // A write that is taken at once would keep everything else waiting.
        await setImmediate();
      }
    },
  };
}

/** Sends these bytes, once. */
function throwIn(count: number, ...data: readonly Buffer[]): Attack {
  return {
    enter: (target) => peers(target, count),
    async act(peer, { signal, sent }) {
      for (const piece of data) if (await peer.write(piece, signal)) sent(1);
    },
  };
}

function deaf(attack: Attack): Attack {
  return {
    ...attack,
    async enter(target) {
      const joined = await attack.enter(target);
      for (const peer of joined) peer.stopReading();
      return joined;
    },
  };
}

/** Connections that do nothing more. */
function crowd(
  count: number,
  options?: (target: Target, index: number) => Partial<PeerOptions>,
): Attack {
  return { enter: (target) => peers(target, count, (index) => options?.(target, index) ?? {}) };
}

/** Joins and vanishes again and again, as a visitor of its own each time or as one that is there. */
function reconnect(times: number, asOneVisitor: boolean): Attack {
  const userId = randomUUID();
  return {
    enter: (target) => peers(target, 1, () => ({ path: joinPath(target.page, { userId }) })),
    async act(_peer, { target, signal, sent }) {
      for (let time = 0; time < times && !signal.aborted; time++) {
        const path = joinPath(target.page, asOneVisitor ? { userId } : {});
        const [again] = await peers(target, 1, () => ({ path }));
        again?.leave();
        sent(1);
      }
    },
  };
}

/** Requests whose head never ends. */
async function halfHandshakes({ host, port }: Target): Promise<RawPeer[]> {
  const sockets = Array.from({ length: 200 }, () => connect({ host, port }).on("error", () => {}));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  for (const socket of sockets) socket.write("GET /ws?page=/ HTTP/1.1\r\nHost: localhost\r\nX-");
  return sockets.map((socket) => RawPeer.halfOpen(socket));
}

const GIANTS: readonly ((target: Target) => Partial<PeerOptions>)[] = [
  () => ({ path: joinPath(`/${"a".repeat(1_001)}`) }),
  () => ({ path: joinPath(`/${"a".repeat(50_000)}`) }),
  ({ page }) => ({ path: joinPath(page, { userId: "a".repeat(65) }) }),
  ({ page }) => ({ path: joinPath(page, { userId: "a".repeat(50_000) }) }),
  ({ page }) => ({ path: joinPath(page, { query: `&v=${"2".repeat(200_000)}` }) }),
  () => ({ headers: `Cookie: ${"a".repeat(200_000)}\r\n` }),
  () => ({ origin: `http://${"a".repeat(50_000)}` }),
];

/** Names that shards of the watched page have or might have. */
const SHARD_NAMES: readonly ((page: string) => string)[] = [
  (page) => `${page}#1`,
  (page) => `${page}%231`,
  (page) => `${page}%25231`,
  (page) => `${page}#1/4`,
  (page) => `${page}/%23/1`,
];

export type AttackName =
  | "heartbeats"
  | "nonsense"
  | "binary"
  | "oversized"
  | "enormous"
  | "unfinished"
  | "malformed"
  | "pings"
  | "deaf pings"
  | "deaf"
  | "tabs"
  | "reconnects"
  | "newcomers"
  | "pages"
  | "contract pages"
  | "shard names"
  | "giants"
  | "half handshakes"
  | "connections";

const HEARTBEAT = serializeHeartbeat("somebody-else", "/", 1);

export const ATTACKS: { readonly [name in AttackName]: Attack } = {
  heartbeats: flood(HEARTBEAT, 10_000),
  nonsense: flood("nonsense", 10_000),
  binary: flood(randomBytes(100), 10_000),
  oversized: flood("a".repeat(MAX_MESSAGE_BYTES + 1), 2_000),
  enormous: throwIn(2, frame(Buffer.alloc(33 * MIB, "a"), { opcode: 1 })),
  unfinished: throwIn(
    8,
    frame(Buffer.alloc(MIB, "a"), { opcode: 1, isFinal: false }),
    frame(Buffer.alloc(MIB, "a"), { opcode: 0, isFinal: false }),
  ),
  // A frame that is not masked, and an opcode that there is not.
  malformed: throwIn(4, Buffer.from([0x81, 0x01, 0x61]), frame("a", { opcode: 11 })),
  pings: flood(PING, 100_000),
  "deaf pings": deaf(flood(PING, 400_000, 2)),
  deaf: deaf(crowd(200)),
  tabs: crowd(50, ({ page }) => ({ path: joinPath(page, { userId: "one-and-the-same" }) })),
  reconnects: reconnect(100, true),
  newcomers: reconnect(100, false),
  pages: crowd(60, () => ({ path: joinPath(`/${randomUUID()}`) })),
  "contract pages": crowd(30, () => ({ path: joinPath(`/${randomUUID()}`, { query: "" }) })),
  "shard names": crowd(SHARD_NAMES.length, ({ page }, index) => ({
    path: joinPath(SHARD_NAMES[index]?.(page) ?? page),
  })),
  giants: crowd(GIANTS.length, (target, index) => GIANTS[index]?.(target) ?? {}),
  "half handshakes": { enter: halfHandshakes },
  connections: crowd(1_600, () => ({ path: joinPath("/elsewhere") })),
};

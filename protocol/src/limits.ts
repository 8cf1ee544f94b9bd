/** A client says that it lives this often. From the contract: "Heartbeat every 20 seconds". */
export const HEARTBEAT_INTERVAL_MS = 20_000;

/**
 * Most bytes of one message from a client; larger is closed with 1009. The contract's heartbeat
 * repeats the page as the site wrote it, with a query that no key has.
 */
export const MAX_MESSAGE_BYTES = 8_192;

/** Most messages that wake the object from one connection within {@link MESSAGE_WINDOW_MS}. */
export const MAX_MESSAGES_PER_WINDOW = 10;
export const MESSAGE_WINDOW_MS = 10_000;

/** Longest page key: an object's name beyond 1,024 bytes is not available to the object. */
export const MAX_PAGE_KEY_BYTES = 1_000;

/** Bounds of the time between two broadcasts of a page, and the messages a second they aim at. */
export const MIN_BROADCAST_INTERVAL_MS = 250;
export const MAX_BROADCAST_INTERVAL_MS = 5_000;
export const BROADCAST_MESSAGES_PER_SECOND = 5_000;

/** A count that is read over HTTP is at most this old, and costs its object one call meanwhile. */
export const READ_FRESH_MS = 5_000;
/** Most pages that one request may read, and that the total of a site names. */
export const MAX_PAGES_PER_READ = 50;

/** Limits that a deployment may change (stack config `limits`). */
export interface Limits {
  /** A connection without a sign of life for this long is dropped. @default 45_000 */
  readonly staleAfterMs: number;
  /** Stale connections are looked for at most this often. @default 10_000 */
  readonly sweepEveryMs: number;
  /** Connections that one visitor may hold on a page; beyond it the oldest is closed. @default 8 */
  readonly tabsPerVisitor: number;
  /** A page is split when one of its objects holds more connections than this. @default 5_000 */
  readonly splitAtSockets: number;
  /** The same for joins a second, over ten seconds. @default 500 */
  readonly splitAtJoinsPerSecond: number;
  /** A page that was split stays so for this long at least. @default 60_000 */
  readonly mergeAfterMs: number;
  /** Connections that one object may hold; the platform's own limit is 32,768. @default 30_000 */
  readonly socketsPerObject: number;
  /** Joins a second that one object takes, over five seconds. @default 1_000 */
  readonly joinsPerSecond: number;
  /** WebSocket upgrades that one IP address may ask for in a minute. @default 60 */
  readonly upgradesPerMinute: number;
  /** Counts that one IP address may have asked of objects in a minute; fresh ones are free. @default 600 */
  readonly readsPerMinute: number;
}

export const DEFAULT_LIMITS: Limits = {
  staleAfterMs: 45_000,
  sweepEveryMs: 10_000,
  tabsPerVisitor: 8,
  splitAtSockets: 5_000,
  splitAtJoinsPerSecond: 500,
  mergeAfterMs: 60_000,
  socketsPerObject: 30_000,
  joinsPerSecond: 1_000,
  upgradesPerMinute: 60,
  readsPerMinute: 600,
};

/** Smallest and largest value that each limit accepts. */
export const LIMIT_BOUNDS: {
  readonly [name in keyof Limits]: readonly [min: number, max: number];
} = {
  staleAfterMs: [1_000, 300_000],
  sweepEveryMs: [100, 60_000],
  tabsPerVisitor: [1, 100],
  splitAtSockets: [1, 32_000],
  splitAtJoinsPerSecond: [1, 100_000],
  mergeAfterMs: [1, 3_600_000],
  socketsPerObject: [1, 32_000],
  joinsPerSecond: [1, 100_000],
  upgradesPerMinute: [1, 100_000],
  readsPerMinute: [1, 100_000],
};

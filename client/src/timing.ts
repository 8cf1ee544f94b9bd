import { CLOSE_MOVED, CLOSE_PAGE_FULL } from "@visitor-tracker/protocol";

/** Shortest window that attempts to connect are spread over. */
const MIN_WINDOW_MS = 1_000;

/** A page that is full does not empty in a second, and those it turned away are many. */
const FULL_WINDOW_MS = 20_000;

/** A restart disconnects the whole page at once; 2 ms a head makes about 500 attempts a second. */
const WINDOW_PER_VISITOR_MS = 2;

/**
 * Milliseconds to wait before connecting again: full jitter over a window that grows with the crowd
 * and doubles with each attempt. Who was moved to another shard comes back within a second whatever
 * the crowd: the server moves a few at a time, and counts them where they were for 15 s only.
 * @param attempts made since a connection last held; 0 for the first
 * @param count visitors on the page when last heard
 * @param random in [0, 1)
 * @param code of the server's close, if there was one
 */
export function reconnectDelayMs(
  attempts: number,
  count: number,
  maxBackoffMs: number,
  random: number,
  code?: number,
): number {
  const crowdMs = code === CLOSE_MOVED ? 0 : WINDOW_PER_VISITOR_MS * count;
  const firstMs = code === CLOSE_PAGE_FULL ? FULL_WINDOW_MS : MIN_WINDOW_MS + crowdMs;
  return random * Math.min(maxBackoffMs, firstMs * 2 ** attempts);
}

/**
 * Whether this beat should also wake the server to look for visitors who vanished. About two of a
 * page's visitors do so in each interval; nobody where a count has just shown that it is awake.
 * @param watchers visitors on the page, and this client where it only observes: one who is alone
 * has nobody to look for
 * @param quietMs time since the last count
 * @param random in [0, 1)
 */
export function isSweepDue(
  watchers: number,
  quietMs: number,
  heartbeatMs: number,
  random: number,
): boolean {
  return watchers > 1 && quietMs >= heartbeatMs && random < 2 / watchers;
}

import { CLOSE_MOVED, CLOSE_PAGE_FULL } from "@visitor-tracker/protocol";

/** Shortest window that attempts to connect are spread over. */
const MIN_WINDOW_MS = 1_000;

/** A page that is full does not empty in a second, and those it turned away are many. */
const FULL_WINDOW_MS = 20_000;

/** A restart disconnects the whole page at once; 2 ms a head makes about 500 attempts a second. */
const WINDOW_PER_VISITOR_MS = 2;

/**
 * Milliseconds over which attempts to connect again are spread: a window that grows with the crowd
 * and doubles with each attempt. Who was moved to another shard comes back within a second whatever
 * the crowd: the server moves a few at a time, and counts them where they were for 15 s only.
 * @param attempts made since a connection last held; 0 for the first
 * @param count visitors on the page when last heard
 * @param code of the server's close, if there was one
 */
export function reconnectWindowMs(attempts: number, count: number, code?: number): number {
  const crowdMs = code === CLOSE_MOVED ? 0 : WINDOW_PER_VISITOR_MS * count;
  return (code === CLOSE_PAGE_FULL ? FULL_WINDOW_MS : MIN_WINDOW_MS + crowdMs) * 2 ** attempts;
}

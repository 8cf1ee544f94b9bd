/**
 * Where a counter stands. Only in `live` is the count known to be current; elsewhere it is the last
 * one heard.
 *
 * - `idle`: nobody has subscribed, or rendered on a server
 * - `connecting`: a connection is being opened
 * - `live`: connected, and counted
 * - `retrying`: the connection was lost; another attempt follows
 * - `paused`: the page is hidden, frozen, prerendered or left; it does not count
 * - `stopped`: refused for good; the console says why
 */
export type VisitorStatus = "idle" | "connecting" | "live" | "retrying" | "paused" | "stopped";

export interface VisitorState {
  /** Distinct visitors on the page, this one among them; `undefined` until the server has said so. */
  readonly count: number | undefined;
  readonly status: VisitorStatus;
}

export interface VisitorCounterOptions {
  /**
   * Base URL of the deployed Worker, with its base path if it has one: `https://count.example.com`,
   * `https://example.com/live`, `/live`. @default the page's own origin
   */
  readonly endpoint?: string | undefined;
  /**
   * What is counted: a path of this site or an absolute URL. @default the page's own address without
   * query and fragment, followed through client-side navigation
   */
  readonly page?: string | undefined;
  /**
   * 8 to 64 letters, digits, `_` or `-`. Tabs with the same id count once.
   * @default the result of `getVisitorId`
   */
  readonly visitorId?: string | undefined;
  /** Milliseconds between two signs of life. @default 20_000 */
  readonly heartbeat?: number | undefined;
  /**
   * Milliseconds the server may stay silent after a ping before the connection counts as dead;
   * opening one may take twice as long. @default 5_000
   */
  readonly timeout?: number | undefined;
  /** Milliseconds a hidden page stays connected. @default 5_000 */
  readonly pauseAfter?: number | undefined;
  /** Longest wait between two attempts to connect, in milliseconds. @default 60_000 */
  readonly maxBackoff?: number | undefined;
}

/** A store in the shape that React's `useSyncExternalStore` and others take; nothing needs `this`. */
export interface VisitorCounter {
  /**
   * Joins the page; `listener` is called after each change of the snapshot. The function it returns
   * leaves the page.
   */
  readonly subscribe: (listener: () => void) => () => void;
  /** The same object until something changes. */
  readonly getSnapshot: () => VisitorState;
  /** What a server renders: no count, `idle`. */
  readonly getServerSnapshot: () => VisitorState;
}

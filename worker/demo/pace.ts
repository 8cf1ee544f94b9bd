const WINDOW_MS = 60_000;
/** Part of the allowance that is left to other tabs behind the same address, and to reloads. */
const SPARED = 1 / 10;

/**
 * How long the next connection has to wait so that this page stays within what the server lets in
 * from one address.
 * @param joinedAtMs when this page asked for connections, oldest first
 * @param perMinute what the server lets in from one address in a minute
 */
export function waitMs(joinedAtMs: readonly number[], perMinute: number, nowMs: number): number {
  const allowance = Math.max(1, Math.floor(perMinute * (1 - SPARED)));
  const blocking = joinedAtMs.at(-allowance);
  return blocking === undefined ? 0 : Math.max(0, blocking + WINDOW_MS - nowMs);
}

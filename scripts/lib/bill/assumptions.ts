/**
 * What neither the price list nor the code says. Guesses on the dear side; how much they matter is
 * in docs/cost.md.
 */

/** Wall-clock time of one event in an object: join, leave, message, alarm. */
export const EVENT_WALL_S = 0.005;

/** Wall-clock time that one RPC call takes in the object that makes it, and in the one that answers. */
export const CALL_WALL_S = 0.01;

/** Time to send one count to one connection. */
export const SEND_WALL_S = 35e-6;

/** CPU time of the Worker, for one request. */
export const WORKER_CPU_MS = 2;

/** Cloudflare locations that readers come from, each with a cache of its own. */
export const READ_LOCATIONS = 10;

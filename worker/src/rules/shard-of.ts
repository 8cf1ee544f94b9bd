import type { Connection } from "../connection.ts";

/** Most objects that a page is spread over; the number is 1 or a power of 4. */
export const MAX_SHARDS = 64;

/**
 * The shard on which a visitor lives, 0 to `shards` - 1.
 * @param visitor hash in base 36, of which the last three digits tell: 36³ is a multiple of 64
 */
export function shardOf(visitor: string, shards: number): number {
  return Number.parseInt(visitor.slice(-3), 36) % shards;
}

/** Whether a connection at shard `index` belongs to another, once the page has `shards`. */
export function isMisplaced({ u, s = 1 }: Connection, index: number, shards: number): boolean {
  if (u !== undefined) return shardOf(u, shards) !== index;
  // Where an observer belongs is not kept, but it follows from where it was right before.
  return index >= shards || s < shards;
}

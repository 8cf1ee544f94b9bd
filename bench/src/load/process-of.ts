import { createHash } from "node:crypto";
import { ORIGIN } from "./visitor.ts";

/**
 * The process in which a visitor's shard lives once the page is split, so that nothing has to be
 * passed on; see worker/src/rules/shard-of.ts. Processes are 1 or a power of 4, as shards are.
 */
export function processOf(page: string, userId: string, processes: number): number {
  const digest = createHash("sha256").update(`${ORIGIN}${page}\n${userId}`).digest();
  const visitor = digest.readBigUInt64BE(0).toString(36);
  return Number.parseInt(visitor.slice(-3), 36) % processes;
}

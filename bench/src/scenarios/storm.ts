import type { Contestant } from "../contestants.ts";
import type { JoinOutcome } from "../load/loads.ts";
import { type Spent, openRoom, spend } from "../room.ts";

/** Who has not finished by then has not finished. */
export const STORM_TIMEOUT_MS = 60_000;

export interface StormResult extends JoinOutcome {
  readonly contestant: string;
  readonly size: number;
  /** Memory that each accepted connection added. */
  readonly kbPerSocket: number;
  readonly spent: Spent;
  /** Visitors that had to come back: moved to a shard, or turned away for a while. */
  readonly moved: number;
  readonly turnedAway: number;
}

/** Everyone joins one page at once, 64 handshakes at a time. */
export async function storm(contestant: Contestant, size: number): Promise<StormResult> {
  await using room = await openRoom(contestant);
  const { result, spent } = await spend(room, () =>
    room.load.join({ count: size, timeoutMs: STORM_TIMEOUT_MS }),
  );
  const { moved, turnedAway } = await room.load.tally();
  return {
    contestant: contestant.label,
    size,
    ...result,
    kbPerSocket: spent.rssGrowthKb / Math.max(1, result.admitted),
    spent,
    moved,
    turnedAway,
  };
}

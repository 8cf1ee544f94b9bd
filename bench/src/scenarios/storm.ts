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

/** What is shorter is run three times: then a moment in which the machine had other work matters. */
const SHORT_MS = 3_000;

/** Everyone joins one page at once, 64 handshakes at a time. Of a short one, the median of three. */
export async function storm(contestant: Contestant, size: number): Promise<StormResult> {
  const first = await stormOnce(contestant, size);
  if (first.shownMs === null || first.shownMs >= SHORT_MS) return first;
  const all = [first, await stormOnce(contestant, size), await stormOnce(contestant, size)];
  return median(all) ?? first;
}

function median(results: readonly StormResult[]): StormResult | undefined {
  const timeOf = ({ shownMs }: StormResult): number => shownMs ?? Number.POSITIVE_INFINITY;
  return results.toSorted((a, b) => timeOf(a) - timeOf(b))[Math.floor(results.length / 2)];
}

/** The same, but whatever it takes once. */
export async function stormOnce(contestant: Contestant, size: number): Promise<StormResult> {
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

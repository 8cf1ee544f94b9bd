import type { Contestant } from "../contestants.ts";
import type { LatencyOutcome } from "../load/loads.ts";
import { type Spent, fill, openRoom, spend } from "../room.ts";

export interface LatencyResult extends LatencyOutcome {
  readonly contestant: string;
  readonly size: number;
  readonly spent: Spent;
}

const JOINS = 20;
/** So long that nothing of the join before is left to do. */
const GAP_MS = 400;

/** One more joins a quiet page. */
export async function joinLatency(contestant: Contestant, size: number): Promise<LatencyResult> {
  await using room = await openRoom(contestant);
  await fill(room, size);
  const { result, spent } = await spend(room, () =>
    room.load.latency({ joins: JOINS, gapMs: GAP_MS }),
  );
  return { contestant: contestant.label, size, ...result, spent };
}

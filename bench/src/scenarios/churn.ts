import type { Contestant } from "../contestants.ts";
import type { ChurnOutcome } from "../load/loads.ts";
import { type Spent, fill, openRoom, spend } from "../room.ts";

export interface ChurnResult extends ChurnOutcome {
  readonly contestant: string;
  readonly spent: Spent;
}

export const CHURN = { visitors: 1_000, perSecond: 20, seconds: 15, timeoutMs: 30_000 } as const;

/** Twenty join and twenty leave each second. */
export async function churn(contestant: Contestant): Promise<ChurnResult> {
  await using room = await openRoom(contestant);
  await fill(room, CHURN.visitors);
  const { perSecond, seconds, timeoutMs } = CHURN;
  const { result, spent } = await spend(room, () =>
    room.load.churn({ perSecond, seconds, timeoutMs }),
  );
  return { contestant: contestant.label, ...result, spent };
}

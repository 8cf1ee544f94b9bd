import { CONTESTANTS } from "../contestants.ts";
import type { ReadOutcome } from "../load/reads.ts";
import { PAGE, type Spent, fill, openRoom, spend } from "../room.ts";

export interface ReadsResult extends ReadOutcome {
  readonly contestant: string;
  /** Calls to the page's object that the reads took. */
  readonly objectCalls: number;
  readonly spent: Spent;
}

const READS = { visitors: 1_000, connections: 64, seconds: 10 } as const;

/** Many read the count of a page by HTTP while a thousand are on it. Of all, ours alone offers it. */
export async function reads(): Promise<ReadsResult> {
  const [ours] = CONTESTANTS;
  if (ours === undefined) throw new Error("there is no contestant");
  await using room = await openRoom(ours);
  await fill(room, READS.visitors);
  const { connections, seconds } = READS;
  const path = `/count?page=${encodeURIComponent(PAGE)}`;
  const { port } = room.subject;
  const { result, spent } = await spend(room, () =>
    room.load.read({ port, path, connections, seconds }),
  );
  const { calls, fetches } = spent.meter;
  return { contestant: ours.label, ...result, objectCalls: calls + fetches, spent };
}

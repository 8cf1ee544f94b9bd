import type { Contestant } from "../contestants.ts";
import { type Room, type Spent, fill, openRoom, spend } from "../room.ts";
import type { Meter } from "../subjects/subject.ts";

export interface QuietResult {
  readonly contestant: string;
  /** Signs of life that the visitors sent; a library's own are not among them. */
  readonly sent: number;
  readonly spent: Spent;
}

export const QUIET = { visitors: 1_000, seconds: 60 } as const;

/**
 * Nobody joins or leaves for a minute. All servers are watched during the same minute, since they
 * have little to do.
 */
export async function quietMinute(contestants: readonly Contestant[]): Promise<QuietResult[]> {
  await using stack = new AsyncDisposableStack();
  const rooms = await Promise.all(
    contestants.map(async (contestant): Promise<Room> => {
      const room = stack.use(await openRoom(contestant));
      await fill(room, QUIET.visitors);
      return room;
    }),
  );
  // Awaited here, since the rooms are closed when this function returns.
  return await Promise.all(
    rooms.map(async (room) => {
      const { result, spent } = await spend(room, () => room.load.quiet(QUIET.seconds));
      return { contestant: room.contestant.label, sent: result, spent };
    }),
  );
}

/** How often something from outside ran code of a page's object, or of a Node server. */
export function wakeUps({ fetches, messages, closes, errors, alarms, calls }: Meter): number {
  return fetches + messages + closes + errors + alarms + calls;
}

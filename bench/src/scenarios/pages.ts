import { CONTESTANTS } from "../contestants.ts";
import { PAGE, type Spent, openRoom, spend } from "../room.ts";

export const PAGES_SIZES: readonly number[] = [250, 1_000];
/** So long that objects hibernate, and most visitors say that they are there. */
const QUIET_SECONDS = 16;
const TIMEOUT_MS = 60_000;

export interface PagesResult {
  readonly pages: number;
  /** Whether every visitor was shown that they are alone. */
  readonly isRight: boolean;
  readonly join: Spent;
  readonly quiet: Spent;
  readonly leave: Spent;
}

/** Many pages with one visitor each: they come, stay for a while, and leave. */
export async function manyPages(pages: number): Promise<PagesResult> {
  const [ours] = CONTESTANTS;
  if (ours === undefined) throw new Error("there is no contestant");
  await using room = await openRoom(ours);
  const { load, subject } = room;
  await load.open({ ports: [subject.port], page: PAGE, pages, dialect: ours.dialect });
  const options = { count: pages, timeoutMs: TIMEOUT_MS };
  const { spent: join, result: isRight } = await spend(room, async () => {
    const hasEntered = await load.enter(options);
    return hasEntered && load.sees({ count: 1, timeoutMs: TIMEOUT_MS });
  });
  const { spent: quiet } = await spend(room, () => load.quiet(QUIET_SECONDS));
  const { spent: leave } = await spend(room, () => load.leave(options));
  return { pages, isRight, join, quiet, leave };
}

import type { Fault } from "./fault.ts";
import { playOn } from "./run.ts";
import type { SharedServer } from "./shared-server.ts";
import { shrink } from "./shrink.ts";
import type { Step } from "./steps.ts";
import type { Subject } from "./subjects.ts";

/** A candidate that goes wrong only now and then gets this many chances. */
const ATTEMPTS = 2;

/** Time enough for one page to be right on a server that has nothing else to do. */
const SETTLE_MS = 3_000;

const CHECK: Step = { do: "check" };

/**
 * The least steps with which a subject still goes wrong in the same way.
 * @returns null when it does not go wrong again
 * @param servers at least one, of this subject and without other pages
 */
export function findMinimal(
  servers: readonly SharedServer[],
  subject: Subject,
  { trace, fault }: { readonly trace: readonly Step[]; readonly fault: Fault },
): Promise<readonly Step[] | null> {
  const terms = { ...subject.terms, settleMs: Math.min(subject.terms.settleMs, SETTLE_MS) };
  const impatient = { ...subject, terms };
  const failing: readonly Step[] = trace.at(-1)?.do === "check" ? trace : [...trace, CHECK];
  const isWrong = async (server: SharedServer, steps: readonly Step[]): Promise<boolean> => {
    for (let seed = 0; seed < ATTEMPTS; seed++) {
      const played = await playOn(server, { subject: impatient, seed, steps });
      if (played.fault?.kind === fault.kind) return true;
    }
    return false;
  };
  return shrink(failing, {
    async findFailing(candidates) {
      // What is done to a server is done to every page of it.
      const isAlone = candidates.some((steps) => steps.some(isDoneToServer));
      const verdicts = await inTurns(candidates, servers, isAlone, isWrong);
      const index = verdicts.indexOf(true);
      return index < 0 ? null : index;
    },
  });
}

function isDoneToServer(step: Step): boolean {
  return step.do === "redeploy" || step.do === "clock";
}

async function inTurns(
  candidates: readonly (readonly Step[])[],
  servers: readonly SharedServer[],
  isAlone: boolean,
  isWrong: (server: SharedServer, steps: readonly Step[]) => Promise<boolean>,
): Promise<boolean[]> {
  const verdicts: boolean[] = [];
  const turn = isAlone ? servers.length : candidates.length;
  for (let start = 0; start < candidates.length && !verdicts.includes(true); start += turn) {
    const tried = candidates.slice(start, start + turn).map((steps, index) => {
      const server = servers[index % servers.length];
      return server === undefined ? Promise.resolve(false) : isWrong(server, steps);
    });
    verdicts.push(...(await Promise.all(tried)));
  }
  return verdicts;
}

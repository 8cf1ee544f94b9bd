import type { Fault } from "./fault.ts";
import { playOn } from "./run.ts";
import type { SharedServer } from "./shared-server.ts";
import { shrink } from "./shrink.ts";
import type { Step } from "./steps.ts";
import type { Subject } from "./subjects.ts";

/**
 * How often steps are played before they pass for right: few times where that is enough to see them
 * go wrong again, more often where it takes luck, as with where a page's visitors are spread to.
 */
const ATTEMPTS = [2, 6, 18];

/** Pages at the same time. */
const AT_ONCE = 18;

/** Time enough for few pages to be right on a server that has nothing else to do. */
const SETTLE_MS = 3_000;

const CHECK: Step = { do: "check" };

/**
 * The least steps with which a subject still goes wrong in the same way.
 * @returns null when it does not go wrong again
 * @param servers at least one, of this subject and without other pages
 */
export async function findMinimal(
  servers: readonly SharedServer[],
  subject: Subject,
  { trace, fault }: { readonly trace: readonly Step[]; readonly fault: Fault },
): Promise<readonly Step[] | null> {
  const terms = { ...subject.terms, settleMs: Math.min(subject.terms.settleMs, SETTLE_MS) };
  const failing: readonly Step[] = trace.at(-1)?.do === "check" ? trace : [...trace, CHECK];
  for (const attempts of ATTEMPTS) {
    const trial = new Trial(servers, { ...subject, terms }, { fault, attempts });
    const minimal = await shrink(failing, {
      atOnce: Math.max(1, Math.floor(AT_ONCE / attempts)),
      findFailing: (candidates) => trial.findFailing(candidates),
    });
    if (minimal !== null) return minimal;
  }
  return null;
}

interface TrialOptions {
  readonly fault: Fault;
  readonly attempts: number;
}

/** Sees whether steps go wrong as others did. */
class Trial {
  readonly #servers: readonly SharedServer[];
  readonly #subject: Subject;
  readonly #options: TrialOptions;

  constructor(servers: readonly SharedServer[], subject: Subject, options: TrialOptions) {
    this.#servers = servers;
    this.#subject = subject;
    this.#options = options;
  }

  async findFailing(candidates: readonly (readonly Step[])[]): Promise<number | null> {
    // What is done to a server is done to every page of it.
    const isAlone = candidates.some((steps) => steps.some(isDoneToServer));
    const attempts = candidates.flatMap((steps, index) =>
      Array.from({ length: this.#options.attempts }, (_, seed) => ({ steps, index, seed })),
    );
    const turn = isAlone ? this.#servers.length : attempts.length;
    for (let start = 0; start < attempts.length; start += turn) {
      const tried = attempts
        .slice(start, start + turn)
        .map(async ({ steps, index, seed }, place) => {
          const server = this.#servers[place % this.#servers.length];
          return server !== undefined && (await this.#isWrong(server, steps, seed)) ? index : null;
        });
      const wrong = (await Promise.all(tried)).find((index) => index !== null);
      if (wrong !== undefined) return wrong;
    }
    return null;
  }

  async #isWrong(server: SharedServer, steps: readonly Step[], seed: number): Promise<boolean> {
    const { fault } = await playOn(server, { subject: this.#subject, seed, steps });
    return fault?.kind === this.#options.fault.kind;
  }
}

function isDoneToServer(step: Step): boolean {
  return step.do === "redeploy" || step.do === "clock";
}

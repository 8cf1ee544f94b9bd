import { expect, test } from "vitest";
import { findMinimal } from "../src/exactness/find-minimal.ts";
import { KINDS, type Kind } from "../src/exactness/generate.ts";
import { type Found, findFault, mutated } from "../src/exactness/mutant-run.ts";
import { MUTANTS } from "../src/exactness/mutants/mutants.ts";
import { playOn, run, withServers } from "../src/exactness/run.ts";
import { type Step, parseSteps } from "../src/exactness/steps.ts";
import { SUBJECTS, type Subject } from "../src/exactness/subjects.ts";

// A taste of `npm run exact`, which plays as many seeds as wanted.

const PLAN = { seed: 1, seeds: 8, steps: 40, jobs: 8, servers: 1 };

async function playTwice(
  subject: Subject,
  steps: readonly Step[],
): Promise<(string | undefined)[]> {
  return withServers(subject, 1, async ([server]) => {
    if (server === undefined) throw new Error("there is no server");
    const kinds: (string | undefined)[] = [];
    for (const seed of [1, 2]) {
      const { fault } = await playOn(server, { subject, seed, steps });
      kinds.push(fault?.kind);
    }
    return kinds;
  });
}

/** The first thing that goes wrong when only these kinds of things happen. */
async function find(subject: Subject, kinds: readonly Kind[], steps = PLAN.steps): Promise<Found> {
  const found = await findFault(subject, { ...PLAN, kinds, steps });
  if (found === null) throw new Error(`nothing was found wrong with ${subject.name}`);
  return found;
}

test("our count is right after anything that happens to a page", async () => {
  const seeds = Array.from({ length: PLAN.seeds }, (_, index) => PLAN.seed + index);
  const { wrong, checkpoints } = await run(SUBJECTS.ours, { ...PLAN, seeds, kinds: KINDS });
  expect(wrong.map(({ seed, played }) => [seed, played.fault])).toEqual([]);
  expect(checkpoints).toBeGreaterThanOrEqual(PLAN.seeds);
});

test("what goes wrong with the contract done naively is shrunk to at most three steps", async () => {
  const subject = SUBJECTS.naive;
  const found = await find(subject, ["join", "leave"], 12);
  const steps = await withServers(subject, 1, (servers) => findMinimal(servers, subject, found));
  // Which of its bugs comes first depends on the machine; each is as short.
  expect(steps?.at(-1)).toEqual({ do: "check" });
  expect(steps?.length).toBeLessThanOrEqual(4);
});

test("the contract done naively still counts who has just left", async () => {
  const steps = parseSteps(`[
    {"do":"join","tab":1,"visitor":1,"client":"contract"},
    {"do":"join","tab":2,"visitor":2,"client":"contract"},
    {"do":"check"},
    {"do":"leave","tab":2},
    {"do":"check"}
  ]`);
  expect(await playTwice(SUBJECTS.naive, steps)).toEqual(["wrong count", "wrong count"]);
});

test("partyserver keeps counting who fell silent", async () => {
  const steps = parseSteps(`[
    {"do":"join","tab":1,"visitor":1,"client":"contract"},
    {"do":"join","tab":2,"visitor":2,"client":"contract"},
    {"do":"check"},
    {"do":"silence","tab":2,"how":"mute"},
    {"do":"check"}
  ]`);
  expect(await playTwice(SUBJECTS.partyserver, steps)).toEqual(["wrong count", "wrong count"]);
});

test.for(["tabs for visitors", "joiners are not told"])(
  "a planted bug is found: %s",
  async (name) => {
    const mutant = MUTANTS.find((known) => known.name === name);
    if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
    const { fault } = await find(mutated(mutant), ["join", "tabs", "contract", "ping"]);
    expect(["wrong count", "told too many", "closed for no reason"]).toContain(fault.kind);
  },
);

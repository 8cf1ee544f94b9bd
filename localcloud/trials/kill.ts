import { type KillRound, runKillTrial } from "./lib/kill-trial.ts";
import { createRandom } from "./lib/random.ts";
import { type TrialPlace, runTrial } from "./lib/trial-options.ts";

await runTrial({
  command: "npm run localcloud:kill --",
  says: "Kills the local cloud at random moments of uploads, and looks whether the next start finds all whole.",
  options: {
    rounds: { says: "how often", value: 100, least: 1 },
    seed: { says: "repeats a run that had this one; else by the time", value: 0, least: 0 },
  },
  run: async (valueOf, place) => {
    await kill(valueOf("rounds"), valueOf("seed") || Date.now() % 1e9, place);
    return true;
  },
});

async function kill(count: number, seed: number, place: TrialPlace): Promise<void> {
  console.log(`killing ${count} times, seed ${seed}`);
  const rounds = await runKillTrial({
    ...place,
    rounds: count,
    random: createRandom(seed),
    onRound: (round) => console.log(lineOf(round)),
  });
  const found = (which: string): number => rounds.filter((round) => round.found === which).length;
  console.log(
    `${rounds.length} of ${count} rounds: ${found("old")} old, ${found("new")} new, none in between`,
  );
}

function lineOf({ number, killedAfterMs, answered, found }: KillRound): string {
  const after = String(killedAfterMs).padStart(5);
  return `${String(number).padStart(4)}  killed after ${after} ms, ${answered ? "answered    " : "not answered"}: found the ${found} one, whole`;
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runKillTrial } from "./lib/kill-trial.ts";
import { createRandom } from "./lib/random.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "100" },
    seed: { type: "string", default: String(Date.now() % 1e9) },
  },
});

console.log(`killing ${values.rounds} times, seed ${values.seed}`);
const dir = await mkdtemp(join(tmpdir(), "localcloud-kill-"));
const children: { kill(signal: "SIGKILL"): boolean }[] = [];
try {
  const rounds = await runKillTrial({
    dir,
    rounds: Number(values.rounds),
    random: createRandom(Number(values.seed)),
    onSpawn: ({ child }) => children.push(child),
    onRound: ({ number, killedAfterMs, answered, found }) =>
      console.log(
        `${String(number).padStart(4)}  killed after ${String(killedAfterMs).padStart(5)} ms, ${answered ? "answered    " : "not answered"}: found the ${found} one, whole`,
      ),
  });
  const found = (which: string): number => rounds.filter((round) => round.found === which).length;
  console.log(
    `${rounds.length} of ${values.rounds} rounds: ${found("old")} old, ${found("new")} new, none in between`,
  );
} finally {
  for (const child of children) child.kill("SIGKILL");
  await rm(dir, { recursive: true, force: true });
}

import { expect, onTestFinished, test } from "vitest";
import { runKillTrial } from "../trials/lib/kill-trial.ts";
import { createRandom } from "../trials/lib/random.ts";
import { makeFolder } from "./support/folder.ts";

// A hundred rounds: npm run localcloud:kill
const ROUNDS = 8;

test("killed at random moments of uploads, it comes back with the old or the new one, and all storage", async () => {
  const dir = await makeFolder();
  const rounds = await runKillTrial({
    dir,
    rounds: ROUNDS,
    random: createRandom(7),
    onSpawn: ({ child, ended }) =>
      onTestFinished(async () => {
        child.kill("SIGKILL");
        await ended;
      }),
  });
  expect(rounds).toHaveLength(ROUNDS);
}, 300_000);

import { expect, onTestFinished, test } from "vitest";
import { type Sample, growthOf, runSoak } from "../trials/lib/soak-trial.ts";
import { makeFolder } from "./support/folder.ts";

// Two thousand deploys: npm run localcloud:soak
test.runIf(process.platform === "linux")(
  "what deploys leave behind does not add up",
  async () => {
    const samples = await runSoak({
      dir: await makeFolder(),
      deploys: 24,
      every: 6,
      onSpawn: ({ child, ended }) =>
        onTestFinished(async () => {
          child.kill("SIGKILL");
          await ended;
        }),
    });
    expect(samples.map(({ deploys }) => deploys)).toEqual([6, 12, 18, 24]);
    // Three scripts, and the one that uploads are tried in.
    expect(samples.map(({ workerds }) => workerds)).toEqual([4, 4, 4, 4]);
    const [, second, third, last] = samples.map(({ folderFiles }) => folderFiles);
    expect([third, last]).toEqual([second, second]);
  },
  300_000,
);

test("growth from the middle of a run on is told", () => {
  const flat: Sample = {
    deploys: 0,
    medianMs: 1,
    nodeBytes: 100,
    workerds: 4,
    workerdBytes: 100,
    descriptors: 40,
    folderBytes: 1_000,
    folderFiles: 30,
  };
  expect(growthOf([{ ...flat, nodeBytes: 10 }, flat, flat, flat])).toEqual([]);
  expect(growthOf([flat, flat, flat, { ...flat, nodeBytes: 116, workerds: 5 }])).toEqual([
    "nodeBytes grew from 100 to 116",
    "workerds grew from 4 to 5",
  ]);
  expect(growthOf([flat])).toEqual(["there are too few samples to tell"]);
});

import { expect, onTestFinished, test } from "vitest";
import { growthOf } from "../trials/lib/growth.ts";
import { ACTIVITIES } from "../trials/lib/soak-activities.ts";
import { runSoak } from "../trials/lib/soak-trial.ts";
import { makeFolder } from "./support/folder.ts";

const MIB = 1024 * 1024;

// Two thousand deploys: npm run localcloud:soak
test.runIf(process.platform === "linux")(
  "what people do with an account, deploys and resets above all, leaves nothing behind that adds up",
  async () => {
    const samples = await runSoak({
      dir: await makeFolder(),
      deploys: 3 * ACTIVITIES.length,
      every: ACTIVITIES.length,
      activityEvery: 1,
      resets: 4,
      onSpawn: ({ child, ended }) =>
        onTestFinished(async () => {
          child.kill("SIGKILL");
          await ended;
        }),
    });
    const deploys = samples.filter(({ after }) => after === "deploys");
    const resets = samples.filter(({ after }) => after === "resets");
    expect([deploys.length, resets.length]).toEqual([3, 4]);
    expect([growthOf(deploys), growthOf(resets)]).toEqual([[], []]);
    // Four scripts, and the one that uploads are tried in.
    expect(samples.map(({ workerds }) => workerds)).toEqual(samples.map(() => 5));
    const files = resets.map(({ folderFiles }) => folderFiles);
    expect(files).toEqual(files.map(() => files[0]));
  },
  600_000,
);

test("growth from the middle of a run on is told, and a ring that is larger than it may be", () => {
  const flat = {
    nodeBytes: 100,
    workerds: 4,
    workerdBytes: 100,
    descriptors: 40,
    folderBytes: MIB,
    folderFiles: 30,
    ringBytes: 10 * MIB,
    ringLimitBytes: 10 * MIB,
  };
  expect(growthOf([{ ...flat, nodeBytes: 10 }, flat, flat, flat])).toEqual([]);
  expect(growthOf([flat, flat, flat, { ...flat, nodeBytes: 116, workerds: 5 }])).toEqual([
    "nodeBytes grew from 100 to 116",
    "workerds grew from 4 to 5",
  ]);
  expect(
    growthOf([flat, { ...flat, folderBytes: 3 * MIB, ringBytes: 10 * MIB + 1 }, flat, flat]),
  ).toEqual([]);
  expect(growthOf([flat, { ...flat, ringBytes: 10 * MIB + 1 }])).toEqual([
    "there are too few samples to tell",
  ]);
  expect(growthOf([flat, flat, { ...flat, ringBytes: 10 * MIB + 1 }])).toEqual([
    "ringBytes are 1 more than they may be",
  ]);
});

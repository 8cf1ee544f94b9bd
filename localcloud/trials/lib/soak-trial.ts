import { ok } from "node:assert/strict";
import { type SpawnedCli, startProcess } from "./cloud-process.ts";
import { type Footprint, footprintOf } from "./footprint.ts";
import { middle } from "./middle.ts";
import { ACTIVITIES } from "./soak-activities.ts";
import { type SoakRun, soakRun } from "./soak-run.ts";

export interface SoakOptions {
  dir: string;
  deploys: number;
  /** Deploys between two looks at what the process takes. */
  every: number;
  /** Deploys between two of the other things that people do, which take turns. */
  activityEvery: number;
  /** Resets of the account, after all deploys; looked at four times. */
  resets: number;
  onSpawn?: (spawned: SpawnedCli) => void;
  onSample?: (sample: Sample) => void;
}

export interface Sample extends Footprint {
  /** Of what there were so many before. */
  after: "deploys" | "resets";
  count: number;
  /** Middle of the times of what is in `after` since the sample before, in milliseconds. */
  medianMs: number;
}

const APPS = ["app-0", "app-1", "app-2"] as const;
/** Is visited all the time, and deployed only once. */
const STEADY = "steady";

/**
 * Deploys to a few scripts in turn, new code each time, and visits what was deployed; in between does what
 * else people do with an account, see soak-activities.ts; and at last resets the account again and again.
 * @throws {AssertionError} when something is not answered as it should, or an object loses count
 */
export async function runSoak(options: SoakOptions): Promise<Sample[]> {
  const cloud = await startProcess(options.dir, [], options.onSpawn);
  const run = soakRun(cloud);
  await run.deploy(STEADY);
  const deploys = await repeat(options, "deploys", options.every, (number) =>
    useForAWhile(run, number, options.activityEvery),
  );
  const resets = await repeat(options, "resets", Math.floor(options.resets / 4), () => reset(run));
  run.client.close();
  cloud.process.kill("SIGTERM");
  ok((await cloud.ended) === 0, `it ended with ${await cloud.ended}`);
  ok(cloud.stderr() === "", cloud.stderr());
  return [...deploys, ...resets];

  async function repeat(
    { dir, onSample }: SoakOptions,
    after: Sample["after"],
    every: number,
    doOnce: (number: number) => Promise<number>,
  ): Promise<Sample[]> {
    const samples: Sample[] = [];
    let times: number[] = [];
    for (let count = 1; count <= options[after]; count++) {
      times.push(await doOnce(count));
      if (count % every !== 0) continue;
      const footprint = footprintOf(cloud.process.pid ?? Number.NaN, dir);
      const sample = { after, count, medianMs: middle(times), ...footprint };
      samples.push(sample);
      onSample?.(sample);
      times = [];
    }
    return samples;
  }
}

/** One deploy and what comes with it; how long the deploy took, in milliseconds. */
async function useForAWhile(run: SoakRun, number: number, activityEvery: number): Promise<number> {
  const app = APPS[number % APPS.length] ?? APPS[0];
  const began = performance.now();
  await run.deploy(app);
  const tookMs = performance.now() - began;
  await run.visit(app);
  await run.visit(STEADY);
  if (number % activityEvery === 0) {
    await ACTIVITIES[(number / activityEvery) % ACTIVITIES.length]?.(run, app);
  }
  return tookMs;
}

async function reset(run: SoakRun): Promise<number> {
  const began = performance.now();
  await run.client.control("POST", "reset");
  const tookMs = performance.now() - began;
  run.forget();
  for (const script of [...APPS, STEADY]) {
    await run.deploy(script);
    await run.visit(script);
  }
  return tookMs;
}

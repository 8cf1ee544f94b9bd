import { ok } from "node:assert/strict";
import { counter, counterBinding } from "../../test/support/workers.ts";
import { SCRIPTS, type TrialClient, trialClient } from "./client.ts";
import { type SpawnedCli, startProcess } from "./cloud-process.ts";
import { type Footprint, footprintOf } from "./footprint.ts";

export interface SoakOptions {
  dir: string;
  deploys: number;
  /** Deploys between two looks at what the process takes. */
  every: number;
  onSpawn?: (spawned: SpawnedCli) => void;
  onSample?: (sample: Sample) => void;
}

export interface Sample extends Footprint {
  deploys: number;
  /** Middle of the times from sending an upload to its answer since the sample before, in milliseconds. */
  medianMs: number;
}

const SCRIPTS_COUNT = 3;
const CODE_BYTES = 40_000;

/**
 * Deploys to a few scripts in turn, new code each time, and visits what was deployed; in between a script
 * comes and goes, and one is refused.
 * @throws {AssertionError} when a deploy does not serve, or the object loses count
 */
export async function runSoak(options: SoakOptions): Promise<Sample[]> {
  const { dir, deploys, every, onSample } = options;
  const cloud = await startProcess(dir, [], options.onSpawn);
  const client = trialClient(cloud);
  const pid = cloud.process.pid ?? Number.NaN;
  const samples: Sample[] = [];
  let times: number[] = [];
  for (let number = 0; number <= deploys; number++) {
    times.push(await deploy(client, number));
    if (number % 50 === 0) await comeAndGo(client, number);
    if (number === 0 || number % every !== 0) continue;
    const sample = { ...footprintOf(pid, dir), deploys: number, medianMs: middle(times) };
    samples.push(sample);
    onSample?.(sample);
    times = [];
  }
  client.close();
  cloud.process.kill("SIGTERM");
  ok((await cloud.ended) === 0, `it ended with ${await cloud.ended}`);
  ok(cloud.stderr() === "", cloud.stderr());
  return samples;
}

async function deploy(client: TrialClient, number: number): Promise<number> {
  const app = `app-${number % SCRIPTS_COUNT}`;
  const isFirst = number < SCRIPTS_COUNT;
  const began = performance.now();
  const padding = String(number).padEnd(CODE_BYTES, "x");
  const status = await client.upload(app, `${counter("Room")}\n// ${padding}`, {
    ...(isFirst ? { migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] } } : {}),
    bindings: [counterBinding("Room")],
  });
  const tookMs = performance.now() - began;
  ok(status === 200, `deploy ${number} was answered ${status}`);
  if (isFirst) await client.result("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
  const { text } = await client.visit(`${app}.local.workers.dev`, "/");
  const visits = Math.floor(number / SCRIPTS_COUNT) + 1;
  ok(text === `Room ${visits}`, `after deploy ${number} visit ${visits} of ${app} said ${text}`);
  return tookMs;
}

/** What leaves nothing behind: a script with storage that is deleted, and an upload that is refused. */
async function comeAndGo(client: TrialClient, number: number): Promise<void> {
  const name = `guest-${number}`;
  await client.upload(name, counter("Room"), {
    migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] },
    bindings: [counterBinding("Room")],
  });
  await client.result("POST", `${SCRIPTS}/${name}/subdomain`, { enabled: true });
  const { text } = await client.visit(`${name}.local.workers.dev`, "/");
  ok(text === "Room 1", `${name} said ${text}`);
  await client.result("DELETE", `${SCRIPTS}/${name}`);
  ok((await client.upload("app-0", "export default {{", {})) === 400);
}

/**
 * What grew, in words; nothing when it is flat: from the middle of the run to its end. Caches and rings are
 * full by the middle, and so are the hundred versions of each script that are kept, in a long run.
 */
export function growthOf(samples: readonly Sample[]): string[] {
  const half = samples.slice(Math.floor(samples.length / 2));
  const middleSample = half[0];
  const last = half.at(-1);
  if (middleSample === undefined || last === undefined || half.length < 2) {
    return ["there are too few samples to tell"];
  }
  const limits: Record<keyof Footprint, number> = {
    nodeBytes: 0.15 * middleSample.nodeBytes,
    workerds: 0,
    workerdBytes: 0.15 * middleSample.workerdBytes,
    descriptors: 8,
    folderBytes: 6 * 1024 * 1024,
    folderFiles: 8,
  };
  const names: (keyof Footprint)[] = [
    "nodeBytes",
    "workerds",
    "workerdBytes",
    "descriptors",
    "folderBytes",
    "folderFiles",
  ];
  return names
    .filter((name) => last[name] - middleSample[name] > limits[name])
    .map((name) => `${name} grew from ${middleSample[name]} to ${last[name]}`);
}

export function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

import type { Footprint } from "./footprint.ts";

const MIB = 1024 * 1024;

type Grown = Exclude<keyof Footprint, "ringBytes" | "ringLimitBytes">;

/**
 * What grew, in words; nothing when it is flat: from the middle of the run to its end. Caches are full by the
 * middle, and so are the hundred versions of each script that are kept, in a long run.
 */
export function growthOf(samples: readonly Footprint[]): string[] {
  const half = samples.slice(Math.floor(samples.length / 2));
  const middle = half[0];
  const last = half.at(-1);
  if (middle === undefined || last === undefined || half.length < 2) {
    return ["there are too few samples to tell"];
  }
  const limits: Record<Grown, number> = {
    nodeBytes: 0.15 * middle.nodeBytes,
    workerds: 0,
    workerdBytes: 0.15 * middle.workerdBytes,
    descriptors: 8,
    folderBytes: MIB,
    folderFiles: 8,
  };
  const names: Grown[] = [
    "nodeBytes",
    "workerds",
    "workerdBytes",
    "descriptors",
    "folderBytes",
    "folderFiles",
  ];
  const grown = names
    .filter((name) => last[name] - middle[name] > limits[name])
    .map((name) => `${name} grew from ${middle[name]} to ${last[name]}`);
  const over = last.ringBytes - last.ringLimitBytes;
  return over <= 0 ? grown : [...grown, `ringBytes are ${over} more than they may be`];
}

import { growthOf } from "./lib/growth.ts";
import { type Sample, runSoak } from "./lib/soak-trial.ts";
import { type TrialPlace, runTrial } from "./lib/trial-options.ts";

const MIB = 1024 * 1024;
const COLUMNS = [
  "after",
  "node MiB",
  "workerds",
  "their MiB",
  "fds",
  "folder KiB",
  "files",
  "rings KiB",
  "middle ms",
];

await runTrial({
  command: "npm run localcloud:soak --",
  says: "Deploys, and does what else people do with an account, thousands of times, then resets it again and\nagain, and tells what grew meanwhile. Linux only.",
  options: {
    deploys: { says: "deploys", value: 2_000, least: 1 },
    every: { says: "deploys between two rows of the table", value: 100, least: 1 },
    "activity-every": { says: "deploys between two other things", value: 5, least: 1 },
    resets: { says: "resets of the account", value: 40, least: 4 },
  },
  run: async (valueOf, place) => {
    const samples = await soak(valueOf, place);
    const grown = (["deploys", "resets"] as const).flatMap((kind) =>
      growthOf(samples.filter(({ after }) => after === kind)).map((text) => `${kind}: ${text}`),
    );
    console.log(grown.length === 0 ? "flat" : grown.join("\n"));
    return grown.length === 0;
  },
});

async function soak(
  valueOf: (option: "deploys" | "every" | "activity-every" | "resets") => number,
  place: TrialPlace,
): Promise<Sample[]> {
  console.log(row(COLUMNS));
  console.log(row(COLUMNS.map((name) => "-".repeat(widthOf(name)))));
  return await runSoak({
    ...place,
    deploys: valueOf("deploys"),
    every: valueOf("every"),
    activityEvery: valueOf("activity-every"),
    resets: valueOf("resets"),
    onSample: (sample) => console.log(rowOf(sample)),
  });
}

function widthOf(column: string): number {
  return column === "after" ? "2000 deploys".length : column.length;
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell, index) => String(cell).padStart(widthOf(COLUMNS[index] ?? ""))).join(" | ")} |`;
}

function rowOf(sample: Sample): string {
  return row([
    `${sample.count} ${sample.after}`,
    Math.round(sample.nodeBytes / MIB),
    sample.workerds,
    Math.round(sample.workerdBytes / MIB),
    sample.descriptors,
    Math.round(sample.folderBytes / 1024),
    sample.folderFiles,
    Math.round(sample.ringBytes / 1024),
    Math.round(sample.medianMs),
  ]);
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { growthOf } from "./lib/growth.ts";
import { type Sample, runSoak } from "./lib/soak-trial.ts";
import { runTrial } from "./lib/trial-options.ts";

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
  run: async (valueOf) => {
    const samples = await soak(valueOf);
    const grown = (["deploys", "resets"] as const).flatMap((kind) =>
      growthOf(samples.filter(({ after }) => after === kind)).map((text) => `${kind}: ${text}`),
    );
    console.log(grown.length === 0 ? "flat" : grown.join("\n"));
    return grown.length === 0;
  },
});

async function soak(
  valueOf: (option: "deploys" | "every" | "activity-every" | "resets") => number,
): Promise<Sample[]> {
  const dir = await mkdtemp(join(tmpdir(), "localcloud-soak-"));
  const children: { kill(signal: "SIGKILL"): boolean }[] = [];
  try {
    console.log(row(COLUMNS));
    console.log(row(COLUMNS.map((name) => "-".repeat(widthOf(name)))));
    return await runSoak({
      dir,
      deploys: valueOf("deploys"),
      every: valueOf("every"),
      activityEvery: valueOf("activity-every"),
      resets: valueOf("resets"),
      onSpawn: ({ child }) => children.push(child),
      onSample: (sample) => console.log(rowOf(sample)),
    });
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await rm(dir, { recursive: true, force: true });
  }
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

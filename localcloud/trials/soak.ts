import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Sample, growthOf, runSoak } from "./lib/soak-trial.ts";

const { values } = parseArgs({
  options: {
    deploys: { type: "string", default: "2000" },
    every: { type: "string", default: "100" },
  },
});

const MIB = 1024 * 1024;
const COLUMNS = [
  "deploys",
  "node MiB",
  "workerds",
  "their MiB",
  "fds",
  "folder KiB",
  "files",
  "upload ms",
];

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell, index) => String(cell).padStart(COLUMNS[index]?.length ?? 0)).join(" | ")} |`;
}

function rowOf(sample: Sample): string {
  return row([
    sample.deploys,
    Math.round(sample.nodeBytes / MIB),
    sample.workerds,
    Math.round(sample.workerdBytes / MIB),
    sample.descriptors,
    Math.round(sample.folderBytes / 1024),
    sample.folderFiles,
    Math.round(sample.medianMs),
  ]);
}

const dir = await mkdtemp(join(tmpdir(), "localcloud-soak-"));
const children: { kill(signal: "SIGKILL"): boolean }[] = [];
try {
  console.log(row(COLUMNS));
  console.log(row(COLUMNS.map((name) => "-".repeat(name.length))));
  const samples = await runSoak({
    dir,
    deploys: Number(values.deploys),
    every: Number(values.every),
    onSpawn: ({ child }) => children.push(child),
    onSample: (sample) => console.log(rowOf(sample)),
  });
  const grown = growthOf(samples);
  console.log(grown.length === 0 ? "flat" : grown.join("\n"));
  process.exitCode = grown.length === 0 ? 0 : 1;
} finally {
  for (const child of children) child.kill("SIGKILL");
  await rm(dir, { recursive: true, force: true });
}

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Machine, describeMachine, openFileLimit } from "./machine.ts";
import { type BenchOptions, SCENARIOS, STORM_SIZES, USAGE, parseOptions } from "./options.ts";
import { RUNS } from "./plan.ts";
import { Progress } from "./progress.ts";
import { type Places, writeReport } from "./report/document.ts";
import { reportText } from "./report/sections.ts";
import { type BenchResults, type Findings, saveFindings } from "./results.ts";
import { SUBJECT_NAMES } from "./subjects/subject.ts";

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
const OWN_PLACES: Places = {
  results: join(REPOSITORY, "bench/results.json"),
  document: join(REPOSITORY, "docs/performance.md"),
  plot: join(REPOSITORY, "docs/images/join-storm.svg"),
};

/** A scenario that would begin later is left out. */
const MOST_MINUTES = 14;

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), openFileLimit());
  const progress = new Progress((text) => process.stdout.write(text));
  if (options === "help") {
    progress.line(USAGE);
    return;
  }
  // Children end when this process does, see child.ts.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      progress.line("\nstopped; nothing was written");
      process.exit(130);
    });
  }
  const machine = describeMachine();
  progress.line(introduction(machine, options));
  const startMs = performance.now();
  const minutesSince = (): number => (performance.now() - startMs) / 60_000;
  let findings: Findings = {};
  for (const scenario of options.only) {
    if (minutesSince() >= MOST_MINUTES) {
      progress.line(
        `  ${scenario} left out: ${MOST_MINUTES} minutes are over; --only ${scenario} runs it`,
      );
      continue;
    }
    findings = { ...findings, ...(await RUNS[scenario](options, progress)) };
  }
  const results = { ...findings, machine, measuredOn: new Date().toISOString().slice(0, 10) };
  progress.line(`\n${reportText(results)}\n\nMeasured in ${minutesSince().toFixed(1)} minutes.`);
  await save(results, options, progress);
}

async function save(
  results: BenchResults,
  options: BenchOptions,
  progress: Progress,
): Promise<void> {
  const { out } = options;
  if (out === null && !isWhole(options)) {
    progress.line("Not written into docs/, since not all servers and sizes took part.");
    return;
  }
  if (out !== null) await mkdir(out, { recursive: true });
  const places =
    out === null
      ? OWN_PLACES
      : {
          results: join(out, "results.json"),
          document: join(out, "performance.md"),
          plot: join(out, "join-storm.svg"),
        };
  const all = await saveFindings(places.results, results);
  await writeReport(all, places);
  progress.line(`Written: ${Object.values(places).join(", ")}`);
}

/** Whether everyone took part, so that the results may be shown. */
function isWhole({ subjects, sizes }: BenchOptions): boolean {
  return subjects.length === SUBJECT_NAMES.length && sizes.join() === STORM_SIZES.join();
}

function introduction(
  { cpu, cores, memoryGb, loadBefore }: Machine,
  options: BenchOptions,
): string {
  const duration =
    options.only.length === SCENARIOS.length
      ? "About 12 minutes, little more than 15 at most. "
      : "";
  const busy =
    loadBefore > 0.5
      ? `\nThe machine is busy (load ${loadBefore}): times will be longer than they could be.`
      : "";
  return `${duration}${cores} cores (${cpu}), ${memoryGb} GB. Ctrl-C stops.${busy}`;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

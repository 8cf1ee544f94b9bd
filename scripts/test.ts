import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Failure, type Merged, mergeRuns, nameOf, readReport } from "./lib/test-report.ts";

interface Step {
  name: string;
  /** Command and arguments; `{json}` stands for the file that vitest reports to. */
  command: readonly string[];
}

const VITEST = [
  "vitest",
  "run",
  "--reporter=default",
  "--reporter=json",
  "--outputFile.json={json}",
];

/** More than this is no accident: a second run would only take time. */
const RUN_AGAIN_FILES = 5;

/** The suites that have the machine to themselves. */
const SLOW = ["browser", "examples", "product"] as const;

/** In this order: what fails fast comes first, what deploys for real comes last and alone. */
const STEPS: readonly Step[] = [
  { name: "format", command: ["npm", "run", "--silent", "check:format"] },
  { name: "lint", command: ["npm", "run", "--silent", "check:lint"] },
  { name: "types", command: ["npm", "run", "--silent", "check:types"] },
  { name: "unused", command: ["npm", "run", "--silent", "check:unused"] },
  { name: "repo", command: ["npm", "run", "--silent", "check:repo"] },
  { name: "ledger", command: ["npm", "run", "--silent", "check:ledger"] },
  { name: "build", command: ["npm", "run", "--silent", "build"] },
  { name: "api", command: ["npm", "run", "--silent", "check:api"] },
  { name: "unit", command: [...VITEST, ...SLOW.map((project) => `--project=!${project}`)] },
  { name: "browser", command: [...VITEST, "--project=browser"] },
  { name: "examples", command: [...VITEST, "--project=examples"] },
  // Finds a Pulumi engine or gets one, which may take minutes, before suites that count seconds.
  { name: "engine", command: ["npm", "run", "--silent", "pulumi", "--", "version"] },
  { name: "product", command: [...VITEST, "--project=product"] },
];

/** Runs one step with its output on screen and counts its tests; a plain command counts as one. */
async function runStep(step: Step, folder: string): Promise<Merged[]> {
  const report = join(folder, `${step.name}.json`);
  const command = step.command.map((part) => part.replace("{json}", report));
  const shown = command[0] === "vitest" ? "vitest" : command.join(" ");
  console.log(`\n== ${step.name}: ${shown}`);
  const started = performance.now();
  const code = await run(command);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`== ${step.name}: ${code === 0 ? "ok" : "FAILED"} in ${seconds} s`);
  if (command[0] === "vitest") return runAgain(step.name, command, report, code);
  const failures = code === 0 ? [] : [{ file: shown, test: "", message: `ended with ${code}` }];
  return [{ file: shown, passed: code === 0 ? 1 : 0, skipped: 0, failures, flaky: [] }];
}

/**
 * Gives the files that failed a second run. Suites here start browsers, engines and runtimes and
 * wait for them in real time, so a busy machine can fail one; that is told by name, never hidden.
 */
async function runAgain(
  name: string,
  command: readonly string[],
  report: string,
  code: number,
): Promise<Merged[]> {
  const first = await readReport(report, code);
  const files = first.filter(({ failures }) => failures.length > 0).map(({ file }) => file);
  if (files.length === 0 || files.length > RUN_AGAIN_FILES || files.includes(""))
    return mergeRuns(first, []);
  console.log(`\n== ${name}: once more: ${files.join(" ")}`);
  return mergeRuns(first, await readReport(report, await run([...command, ...files])));
}

/** What a reader of the last screen needs: which tests, and why. */
function recap(title: string, failures: readonly Failure[]): void {
  if (failures.length === 0) return;
  console.log(`\n${title}:`);
  for (const failure of failures) console.log(`  ${nameOf(failure)}\n    ${failure.message}`);
}

function run([file = "", ...args]: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: "inherit" });
    child.on("error", (error) => {
      console.error(`${file} could not be started: ${error.message}`);
      resolve(1);
    });
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** `npm test [-- STEP…]`: everything, or the named steps. */
async function main(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(
      `'${unknown.join(" ")}' is no step; there are ${STEPS.map(({ name }) => name).join(", ")}`,
    );
    process.exitCode = 2;
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "visitor-tracker-test-"));
  const reports: Merged[] = [];
  for (const step of STEPS.filter(({ name }) => names.length === 0 || names.includes(name)))
    reports.push(...(await runStep(step, folder)));
  await rm(folder, { recursive: true, force: true });
  tell(reports);
}

function tell(reports: readonly Merged[]): void {
  const failures = reports.flatMap((report) => report.failures);
  recap(
    "Flaky, failed in one of two runs",
    reports.flatMap((report) => report.flaky),
  );
  recap("Failed", failures);
  const passed = reports.reduce((total, report) => total + report.passed, 0);
  const skipped = reports.reduce((total, report) => total + report.skipped, 0);
  const ending = skipped > 0 ? `, ${skipped} skipped` : "";
  console.log(`\n${passed} passed, ${failures.length} failed${ending}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

await main(process.argv.slice(2));

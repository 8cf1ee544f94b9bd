import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

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

/** The suites that have the machine to themselves. */
const SLOW = ["browser", "examples", "product"] as const;

/** In this order: what fails fast comes first, what deploys for real comes last and alone. */
const STEPS: readonly Step[] = [
  { name: "format", command: ["npm", "run", "--silent", "check:format"] },
  { name: "lint", command: ["npm", "run", "--silent", "check:lint"] },
  { name: "types", command: ["npm", "run", "--silent", "check:types"] },
  { name: "unused", command: ["npm", "run", "--silent", "check:unused"] },
  { name: "repo", command: ["npm", "run", "--silent", "check:repo"] },
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
async function runStep({ name, command }: Step, folder: string): Promise<Tally> {
  const report = join(folder, `${name}.json`);
  const [file = "", ...args] = command.map((part) => part.replace("{json}", report));
  console.log(`\n== ${name}: ${command[0] === "vitest" ? "vitest" : command.join(" ")}`);
  const started = performance.now();
  const code = await run(file, args);
  console.log(
    `== ${name}: ${code === 0 ? "ok" : "FAILED"} in ${((performance.now() - started) / 1_000).toFixed(1)} s`,
  );
  if (command[0] !== "vitest")
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  return readReport(report, code);
}

function run(file: string, args: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: "inherit" });
    child.on("error", (error) => {
      console.error(`${file} could not be started: ${error.message}`);
      resolve(1);
    });
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** A run that failed without a failed test (a file that does not load, say) counts as one failure. */
async function readReport(report: string, code: number): Promise<Tally> {
  const text = await readFile(report, "utf8").catch(() => "{}");
  const parsed: unknown = JSON.parse(text);
  const numbers = new Map<string, unknown>(Object.entries(parsed ?? {}));
  const number = (key: string): number => Number(numbers.get(key) ?? 0);
  const failed = number("numFailedTests");
  return {
    passed: number("numPassedTests"),
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: number("numPendingTests") + number("numTodoTests"),
  };
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
  const total: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const step of STEPS.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const tally = await runStep(step, folder);
    total.passed += tally.passed;
    total.failed += tally.failed;
    total.skipped += tally.skipped;
  }
  await rm(folder, { recursive: true, force: true });
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
  console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

await main(process.argv.slice(2));

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError, readArguments, refuseWords } from "../../src/cli/arguments.ts";
import { messageOf } from "../../src/lib/unknown.ts";
import type { SpawnedCli } from "./cloud-process.ts";

/** An option of a trial: a whole number. */
interface TrialOption {
  /** What `--help` says of it. */
  says: string;
  value: number;
  least: number;
}

/** Where a trial works. What is left of it goes with the trial. */
export interface TrialPlace {
  dir: string;
  /** Told of each process, so that none is left running. */
  onSpawn: (spawned: SpawnedCli) => void;
}

/** A program that shows what takes too long for a test. */
interface Trial<Name extends string> {
  /** How it is started, without options. */
  command: string;
  /** What it does, as `--help` says it. */
  says: string;
  options: Readonly<Record<Name, TrialOption>>;
  /** True when all is well. */
  run: (valueOf: (option: Name) => number, place: TrialPlace) => Promise<boolean>;
}

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** Runs a trial with this process's arguments, and sets its exit code: 0 well, 1 not, 2 a wrong option. */
export async function runTrial<Name extends string>(trial: Trial<Name>): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    console.log(usageOf(trial));
    return;
  }
  try {
    const values = readValues(trial, args);
    const valueOf = (option: Name): number => values.get(option) ?? trial.options[option].value;
    const isWell = await inPlace((place) => trial.run(valueOf, place));
    process.exitCode = isWell ? 0 : EXIT_FAILED;
  } catch (error) {
    const isUsage = error instanceof UsageError;
    process.exitCode = isUsage ? EXIT_USAGE : EXIT_FAILED;
    console.error(isUsage ? messageOf(error) : error);
  }
}

async function inPlace<Result>(work: (place: TrialPlace) => Promise<Result>): Promise<Result> {
  const dir = await mkdtemp(join(tmpdir(), "localcloud-trial-"));
  const spawned: SpawnedCli[] = [];
  try {
    return await work({ dir, onSpawn: (one) => spawned.push(one) });
  } finally {
    for (const { child } of spawned) child.kill("SIGKILL");
    await rm(dir, { recursive: true, force: true });
  }
}

function usageOf({ command, says, options }: Trial<string>): string {
  const lines = Object.entries(options).map(
    ([name, option]) => `  ${`--${name} <number>`.padEnd(20)} ${option.says} (${option.value})`,
  );
  return `Usage: ${command} [options]

${says}

${lines.join("\n")}

Exit codes: 0 all is well, 1 it is not, 2 a command line that is wrong.`;
}

/** @throws {UsageError} for an option that there is not, and a value that it cannot have */
function readValues({ command, options }: Trial<string>, args: string[]): Map<string, number> {
  const types = Object.keys(options).map((name) => [name, { type: "string" }] as const);
  const given = readArguments(command, args, Object.fromEntries(types));
  refuseWords(command, given.positionals);
  const values = new Map<string, number>();
  for (const [name, { least }] of Object.entries(options)) {
    const value = given.number(name);
    if (value === undefined) continue;
    if (value < least)
      throw new UsageError(`--${name}: '${value}' is too few; use ${least} or more.`);
    values.set(name, value);
  }
  return values;
}

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { SUBJECT_NAMES, type SubjectName } from "./subjects/subject.ts";

export const SCENARIOS = [
  "calibrate",
  "storm",
  "latency",
  "churn",
  "quiet",
  "reads",
  "pages",
  "crowd",
] as const;
export type Scenario = (typeof SCENARIOS)[number];

export const STORM_SIZES: readonly number[] = [100, 1_000, 5_000, 9_500];

export interface BenchOptions {
  readonly only: readonly Scenario[];
  readonly subjects: readonly SubjectName[];
  readonly sizes: readonly number[];
  /** Folder for everything that is written; null for the places in this repository. */
  readonly out: string | null;
}

export const USAGE: string = `Usage: npm run bench [-- <options>]

Measures the product beside its contract done naively, partyserver, ws and Socket.IO.

  --only <names>      some of ${SCENARIOS.join(",")} (default: all)
  --subjects <names>  some of ${SUBJECT_NAMES.join(",")} (default: all)
  --sizes <numbers>   visitors of the join storm (default ${STORM_SIZES.join(",")})
  --out <folder>      write results, table and plot there instead of into docs/ and bench/
  --help              print this

Without --out, a scenario goes into docs/ only when it was run with all servers and sizes.`;

/**
 * @param openFiles that a process may have
 * @returns "help" when that is asked for
 * @throws Error that says what to give instead
 */
export function parseOptions(args: readonly string[], openFiles: number): BenchOptions | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      subjects: { type: "string" },
      sizes: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  return {
    only: choose("--only", values.only, SCENARIOS),
    subjects: choose("--subjects", values.subjects, SUBJECT_NAMES),
    sizes: parseSizes(values.sizes, openFiles),
    out: values.out === undefined ? null : resolve(values.out),
  };
}

/** In the order of `all`, whatever the order that was given. */
function choose<Name extends string>(
  option: string,
  text: string | undefined,
  all: readonly Name[],
): readonly Name[] {
  if (text === undefined) return all;
  const given = text.split(",").map((name) => name.trim());
  for (const name of given) {
    if (!all.some((known) => known === name)) {
      throw new Error(`${option}: '${name}' is unknown; give some of ${all.join(",")}`);
    }
  }
  return all.filter((name) => given.includes(name));
}

/** workerd has two files open for each connection, and some for itself. */
const FILES_PER_SOCKET = 2;
const OTHER_FILES = 300;

function parseSizes(text: string | undefined, openFiles: number): readonly number[] {
  const most = Math.floor((openFiles - OTHER_FILES) / FILES_PER_SOCKET);
  const sizes = text === undefined ? STORM_SIZES : text.split(",").map(parseSize);
  for (const size of sizes) {
    if (size <= most) continue;
    throw new Error(
      `--sizes: ${size} visitors need ${FILES_PER_SOCKET * size + OTHER_FILES} open files in one ` +
        `process, and ${openFiles} are allowed here; raise that with ulimit -n, or give at most ${most}`,
    );
  }
  return sizes.toSorted((a, b) => a - b);
}

function parseSize(text: string): number {
  const size = /^\s*\d+\s*$/.test(text) ? Number(text) : 0;
  if (size > 0) return size;
  throw new Error(
    `--sizes: '${text}' cannot be used; give whole numbers above 0, such as 100,1000`,
  );
}

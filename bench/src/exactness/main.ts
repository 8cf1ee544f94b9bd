import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandLine, USAGE, parseCommandLine } from "./command-line.ts";
import { findMinimal } from "./find-minimal.ts";
import { expectedLabels } from "./labels.ts";
import { testMutants } from "./mutant-run.ts";
import type { Played } from "./player.ts";
import { describeFault, describeReplay, describeRun, say } from "./print.ts";
import { playOn, run, withServers } from "./run.ts";
import { formatSteps, parseSteps } from "./steps.ts";
import { SUBJECTS } from "./subjects.ts";

// `npm run exact`: random things happen to pages, and their counts are compared with the truth.

/** Mutants and peers are wrong on purpose: this many replays are enough to read. */
const MOST_REPLAYS = 3;

/** @returns whether all was right */
async function main(options: CommandLine): Promise<boolean> {
  if (options.replay !== null) return replay(options, options.replay);
  if (options.mutants) return testMutants(options);
  return explore(options);
}

async function replay({ subject: name, seed }: CommandLine, given: string): Promise<boolean> {
  const steps = parseSteps(
    given.trimStart().startsWith("[") ? given : await readFile(given, "utf8"),
  );
  const subject = SUBJECTS[name];
  const played = await withServers(subject, 1, ([server]) => {
    if (server === undefined) throw new Error("there is no server");
    return playOn(server, { subject, seed, steps });
  });
  say(describeFault(seed, played));
  return played.fault === null;
}

async function explore(options: CommandLine): Promise<boolean> {
  const { seed, seeds, checkpoints, kinds } = options;
  const subject = SUBJECTS[options.subject];
  let made = 0;
  const result = await run(subject, {
    ...options,
    seeds: count(seed, (played) => played < seeds || made < checkpoints),
    onPlayed(played, outcome) {
      made += outcome.settledMs.length;
      say(`${describeFault(played, outcome)} (${made} in all)`);
    },
  });
  const missing = result.coverage.missing(expectedLabels(kinds, subject.terms));
  for (const { seed: wrong, played } of result.wrong.slice(0, MOST_REPLAYS)) {
    await explain(wrong, played, options);
  }
  say(describeRun(result, missing));
  return result.wrong.length === 0 && missing.length === 0;
}

/** Says how to see a seed go wrong again, with as few steps as possible. */
async function explain(seed: number, played: Played, options: CommandLine): Promise<void> {
  const { fault, trace } = played;
  if (fault === null) return;
  say(describeFault(seed, played));
  const path = join(tmpdir(), `exact-${options.subject}-${seed}.json`);
  await writeFile(path, formatSteps(trace));
  say(`all that happened: --subject ${options.subject} --replay ${path}`);
  if (!options.shrink) return;
  const subject = SUBJECTS[options.subject];
  const steps = await withServers(subject, options.servers, (servers) =>
    findMinimal(servers, subject, { trace, fault }),
  );
  say(steps === null ? "it does not go wrong again on its own" : describeReplay(steps));
}

/** @yields numbers from `first` on, as long as `isMore` says so of how many there were */
function* count(first: number, isMore: (given: number) => boolean): Generator<number> {
  for (let given = 0; isMore(given); given++) yield first + given;
}

try {
  const isRight = await main(parseCommandLine(process.argv.slice(2)));
  process.exitCode = isRight ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
  process.exitCode = 2;
}

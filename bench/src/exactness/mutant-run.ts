import type { CommandLine } from "./command-line.ts";
import type { Fault } from "./fault.ts";
import { findMinimal } from "./find-minimal.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { MUTANTS } from "./mutants/mutants.ts";
import { describeReplay, say } from "./print.ts";
import { run, withServers } from "./run.ts";
import type { Step } from "./steps.ts";
import { SUBJECTS, type Subject } from "./subjects.ts";

type SearchOptions = Pick<CommandLine, "seed" | "seeds" | "steps" | "jobs" | "servers" | "kinds">;

export interface Found {
  readonly seed: number;
  readonly fault: Fault;
  readonly trace: readonly Step[];
  /** Checkpoints that were right before. */
  readonly checkpoints: number;
}

/** The Worker with a bug planted. */
export function mutated({ name, patches }: Mutant): Subject {
  return { ...SUBJECTS.ours, name, patches: [...SUBJECTS.ours.patches, ...patches] };
}

/** Plays seeds until one goes wrong. Null when none does. */
export async function findFault(subject: Subject, options: SearchOptions): Promise<Found | null> {
  let found: Found | null = null;
  let checkpoints = 0;
  await run(subject, {
    ...options,
    seeds: Array.from({ length: options.seeds }, (_, index) => options.seed + index),
    isEnough: () => found !== null,
    onPlayed(seed, { fault, trace, settledMs }) {
      checkpoints += settledMs.length;
      if (fault !== null) found ??= { seed, fault, trace, checkpoints };
    },
  });
  return found;
}

/** Looks for each planted bug. @returns whether all were found */
export async function testMutants(options: CommandLine): Promise<boolean> {
  const wanted = MUTANTS.filter(({ name }) => [null, name].includes(options.mutant));
  if (wanted.length === 0) {
    const names = MUTANTS.map(({ name }) => name).join(", ");
    throw new Error(`--mutant ${options.mutant} is unknown; use one of ${names}`);
  }
  const survivors: string[] = [];
  for (const mutant of wanted) {
    const subject = mutated(mutant);
    const found = await findFault(subject, options);
    if (found === null) {
      survivors.push(mutant.name);
      say(`SURVIVED: ${mutant.name} (${mutant.effect})`);
      continue;
    }
    const { seed, fault, checkpoints } = found;
    say(`found: ${mutant.name} (${mutant.effect})`);
    say(`  seed ${seed}, after ${checkpoints} checkpoints, ${fault.kind}: ${fault.message}`);
    if (!options.shrink || options.mutant === null) continue;
    const steps = await withServers(subject, options.servers, (servers) =>
      findMinimal(servers, subject, found),
    );
    if (steps !== null) say(describeReplay(steps));
  }
  say(`${wanted.length - survivors.length} of ${wanted.length} planted bugs found`);
  return survivors.length === 0;
}

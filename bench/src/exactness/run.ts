import { Coverage } from "./coverage.ts";
import { type Kind, generate } from "./generate.ts";
import { Page } from "./page.ts";
import { type PlayOptions, type Played, play } from "./player.ts";
import { startServer } from "./server.ts";
import { SharedServer } from "./shared-server.ts";
import type { Step } from "./steps.ts";
import type { Subject } from "./subjects.ts";

export interface RunOptions {
  /** Seeds to play, in order; each on a page of its own. */
  readonly seeds: Iterable<number>;
  /** Steps of each seed, checks included. */
  readonly steps: number;
  readonly kinds: readonly Kind[];
  /** Pages at the same time, over all servers. */
  readonly jobs: number;
  readonly servers: number;
  /** Is asked before each seed and each step. @default goes on to the last */
  readonly isEnough?: () => boolean;
  /** Is told each seed's outcome as it comes. */
  readonly onPlayed?: (seed: number, played: Played) => void;
}

export interface RunResult {
  readonly seeds: number;
  readonly checkpoints: number;
  /** Seeds at which something went wrong, with what. */
  readonly wrong: readonly { readonly seed: number; readonly played: Played }[];
  /** How long each checkpoint took after the last thing that happened, sorted. */
  readonly settledMs: readonly number[];
  readonly coverage: Coverage;
}

/** Plays seeds on pages of a subject, many at a time. */
export async function run(subject: Subject, options: RunOptions): Promise<RunResult> {
  const coverage = new Coverage();
  const wrong: { seed: number; played: Played }[] = [];
  const settledMs: number[] = [];
  const seeds = options.seeds[Symbol.iterator]();
  let played = 0;
  async function work(server: SharedServer): Promise<void> {
    for (;;) {
      if (options.isEnough?.() === true) return;
      const { value: seed, done } = seeds.next();
      if (done === true) return;
      const outcome = await playSeed({ server, subject, seed, options, coverage });
      played++;
      settledMs.push(...outcome.settledMs);
      if (outcome.fault !== null) wrong.push({ seed, played: outcome });
      options.onPlayed?.(seed, outcome);
    }
  }
  await withServers(subject, options.servers, async (servers) => {
    const workers = Array.from({ length: options.jobs }, (_, index) => {
      const server = servers[index % servers.length];
      return server === undefined ? Promise.resolve() : work(server);
    });
    await Promise.all(workers);
  });
  const checkpoints = settledMs.length;
  settledMs.sort((a, b) => a - b);
  return { seeds: played, checkpoints, wrong, settledMs, coverage };
}

interface SeedOnServer {
  readonly server: SharedServer;
  readonly subject: Subject;
  readonly seed: number;
  readonly options: RunOptions;
  readonly coverage: Coverage;
}

function playSeed({ server, subject, seed, options, coverage }: SeedOnServer): Promise<Played> {
  const steps = generate(seed, {
    steps: options.steps,
    kinds: options.kinds,
    maxClockStepMs: subject.terms.staleAfterMs,
    shards: subject.terms.shards,
  });
  const { isEnough = () => false } = options;
  return playOn(server, { subject, seed, steps, coverage, isEnough });
}

export interface Performance extends PlayOptions {
  readonly subject: Subject;
  readonly seed: number;
  readonly steps: readonly Step[];
}

/** Plays steps on a page of its own. */
export async function playOn(
  server: SharedServer,
  { subject, seed, steps, ...options }: Performance,
): Promise<Played> {
  const page = new Page(server, { terms: subject.terms, seed });
  try {
    return await play(page, steps, options);
  } finally {
    page.dispose();
  }
}

/** Runs servers of a subject as long as `task` takes. */
export async function withServers<T>(
  subject: Subject,
  number: number,
  task: (servers: readonly SharedServer[]) => Promise<T>,
): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const servers: SharedServer[] = [];
  for (let index = 0; index < number; index++) {
    servers.push(new SharedServer(stack.use(await startServer(subject))));
  }
  return await task(servers);
}

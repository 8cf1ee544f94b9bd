import { CONTESTANTS, type Contestant, OURS_SPLIT } from "./contestants.ts";
import { calibrate } from "./load/calibrate.ts";
import type { BenchOptions, Scenario } from "./options.ts";
import type { Progress } from "./progress.ts";
import { formatMs, formatNumber } from "./report/format.ts";
import type { Findings } from "./results.ts";
import { type ChurnResult, churn } from "./scenarios/churn.ts";
import { crowd } from "./scenarios/crowd.ts";
import { type LatencyResult, joinLatency } from "./scenarios/latency.ts";
import { PAGES_SIZES, type PagesResult, manyPages } from "./scenarios/pages.ts";
import { quietMinute } from "./scenarios/quiet-minute.ts";
import { reads } from "./scenarios/reads.ts";
import { STORM_TIMEOUT_MS, type StormResult, storm } from "./scenarios/storm.ts";

const LATENCY_SIZES: readonly number[] = [100, 1_000];
/** From here on a page that is set up as usual is spread over several objects. */
const SPLIT_ABOVE = 5_000;

/** Runs a scenario with those who take part. */
export type Run = (options: BenchOptions, progress: Progress) => Promise<Findings>;

export const RUNS: { readonly [Name in Scenario]: Run } = {
  async calibrate(_options, progress) {
    const calibration = await progress.step("load generator", calibrate, (found) => {
      const { handshakes, batchedMessages } = found;
      return `${formatNumber(handshakes.perSecond)} handshakes/s, ${formatNumber(batchedMessages.perSecond)} messages/s`;
    });
    return { calibration };
  },

  async storm({ subjects, sizes }, progress) {
    const results: StormResult[] = [];
    const unfinished = new Set<Contestant>();
    for (const size of sizes) {
      for (const contestant of stormContestants(subjects, size)) {
        // Who does not get through a smaller one needs no larger one.
        if (unfinished.has(contestant)) continue;
        const name = `storm ${formatNumber(size)} · ${contestant.label}`;
        const result = await progress.step(name, () => storm(contestant, size), stormText);
        if (result.shownMs === null) unfinished.add(contestant);
        results.push(result);
      }
    }
    return { storm: results };
  },

  async latency({ subjects }, progress) {
    const results: LatencyResult[] = [];
    for (const size of LATENCY_SIZES) {
      for (const contestant of contestantsOf(subjects)) {
        const name = `latency ${formatNumber(size)} · ${contestant.label}`;
        const act = (): Promise<LatencyResult> => joinLatency(contestant, size);
        results.push(await progress.step(name, act, latencyText));
      }
    }
    return { latency: results };
  },

  async churn({ subjects }, progress) {
    const results: ChurnResult[] = [];
    for (const contestant of contestantsOf(subjects)) {
      const act = (): Promise<ChurnResult> => churn(contestant);
      results.push(await progress.step(`churn · ${contestant.label}`, act, churnText));
    }
    return { churn: results };
  },

  async quiet({ subjects }, progress) {
    const contestants = contestantsOf(subjects);
    const name = `quiet minute · ${contestants.map(({ label }) => label).join(", ")}`;
    const quiet = await progress.step(
      name,
      () => quietMinute(contestants),
      () => "done",
    );
    return { quiet };
  },

  async reads(_options, progress) {
    const result = await progress.step(
      "reads · ours",
      reads,
      ({ perSecond, requests, objectCalls }) =>
        `${formatNumber(perSecond)} a second, ${objectCalls} calls for ${formatNumber(requests)}`,
    );
    return { reads: result };
  },

  async pages(_options, progress) {
    const results: PagesResult[] = [];
    for (const size of PAGES_SIZES) {
      const name = `${formatNumber(size)} pages of one visitor · ours`;
      results.push(await progress.step(name, () => manyPages(size), pagesText));
    }
    return { pages: results };
  },

  async crowd(_options, progress) {
    return { crowd: await crowd(progress) };
  },
};

function contestantsOf(subjects: BenchOptions["subjects"]): readonly Contestant[] {
  return CONTESTANTS.filter(({ subject }) => subjects.includes(subject));
}

function stormContestants(subjects: BenchOptions["subjects"], size: number): readonly Contestant[] {
  const contestants = contestantsOf(subjects);
  const isSplit = size > SPLIT_ABOVE && subjects.includes("ours");
  return isSplit ? [...contestants, OURS_SPLIT] : contestants;
}

function stormText({ shownMs, admitted, size, correct, spent }: StormResult): string {
  if (shownMs !== null) return `${formatMs(shownMs)}, ${formatNumber(spent.counts)} messages`;
  const limit = formatMs(STORM_TIMEOUT_MS);
  return `not in ${limit}: ${admitted} of ${size} got in, ${correct} were right`;
}

function latencyText({ p50Ms, p99Ms }: LatencyResult): string {
  return p50Ms === null || p99Ms === null ? "lost" : `${formatMs(p50Ms)}, p99 ${formatMs(p99Ms)}`;
}

function churnText({ lateMs, settledMs, spent }: ChurnResult): string {
  const settled = settledMs === null ? "never right" : `right after ${formatMs(settledMs)}`;
  return `${formatNumber(spent.counts)} messages, ${formatMs(lateMs)} late, ${settled}`;
}

function pagesText({ isRight, join }: PagesResult): string {
  return `${isRight ? "all right" : "WRONG"}, ${formatMs(join.cpuMs)} of CPU to join`;
}

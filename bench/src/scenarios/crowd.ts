import { type LoadGenerator, startLoad } from "../load/load.ts";
import { processStat } from "../process-stat.ts";
import type { Progress } from "../progress.ts";
import { formatNumber } from "../report/format.ts";
import { PAGE } from "../room.ts";
import { addMeters, readMeter } from "../subjects/read-meter.ts";
import type { Meter } from "../subjects/subject.ts";
import { type CrowdServers, startCrowdServers } from "./crowd-servers.ts";

const CROWD: CrowdOptions = { visitors: 20_000, settings: {} };
/** workerd has two open files a connection, and 20,000 are common as the limit of a process. */
const SERVERS = 4;
const GENERATORS = 4;
const ENTER_MS = 180_000;
const SETTLE_MS = 60_000;
/** In each round that many leave and as many others join, at once. */
const CHURN_ROUNDS = 3;
const CHURN_SHARE = 0.1;

export interface CrowdOptions {
  /** A multiple of 40. */
  readonly visitors: number;
  /** The `SETTINGS` binding. */
  readonly settings: object;
}

/** One comparison of what every visitor is shown with the truth. */
interface Comparison {
  readonly when: string;
  readonly visitors: number;
  /** How many of them were shown the right number. */
  readonly right: number;
  /** From the last join or leave until all were. */
  readonly settledMs: number | null;
}

export interface CrowdResult {
  readonly visitors: number;
  readonly servers: number;
  /** From the first request until every visitor was shown the number of all. */
  readonly joinedMs: number;
  readonly comparisons: readonly Comparison[];
  /** Times that a visitor was moved to another shard, or turned away for a while. */
  readonly moved: number;
  readonly turnedAway: number;
  /** Connections that ended otherwise and came back; why the first of them did. */
  readonly lost: number;
  readonly refusal: string;
  readonly counts: number;
  readonly meter: Meter;
  readonly cpuMs: number;
  readonly rssKb: number;
}

/** More visitors of one page than one process can have connections, on as many shards as it takes. */
export async function crowd(
  progress: Progress,
  { visitors, settings }: CrowdOptions = CROWD,
): Promise<CrowdResult> {
  await using servers = await startCrowdServers(SERVERS, settings);
  await using stack = new AsyncDisposableStack();
  const loads: LoadGenerator[] = [];
  const ports = servers.addresses.map(({ port }) => port);
  for (let index = 0; index < GENERATORS; index++) {
    const load = stack.use(startLoad());
    await load.open({ ports, page: PAGE, dialect: "product" });
    loads.push(load);
  }
  const startMs = performance.now();
  const comparisons = [await join(loads, visitors, progress)];
  const joinedMs = performance.now() - startMs;
  for (let round = 1; round <= CHURN_ROUNDS; round++) {
    comparisons.push(await churn(loads, { round, count: visitors * CHURN_SHARE }, progress));
  }
  comparisons.push(await halve(loads, visitors, progress));
  const total = await totals(loads);
  return {
    visitors,
    servers: SERVERS,
    joinedMs,
    comparisons,
    ...total,
    ...(await used(servers)),
  };
}

function join(
  loads: readonly LoadGenerator[],
  visitors: number,
  progress: Progress,
): Promise<Comparison> {
  const when = `${formatNumber(visitors)} have joined`;
  return progress.step(`crowd · ${when}`, () => enter(loads, visitors, when), comparisonText);
}

async function enter(
  loads: readonly LoadGenerator[],
  count: number,
  when: string,
): Promise<Comparison> {
  const options = { count: count / loads.length, timeoutMs: ENTER_MS };
  await Promise.all(loads.map((load) => load.enter(options)));
  return compare(loads, when);
}

function churn(
  loads: readonly LoadGenerator[],
  { round, count }: { readonly round: number; readonly count: number },
  progress: Progress,
): Promise<Comparison> {
  const when = `round ${round}: ${formatNumber(count)} left, as many joined`;
  const act = async (): Promise<Comparison> => {
    const leaving = leave(loads, count);
    const comparison = await enter(loads, count, when);
    await leaving;
    return comparison.settledMs === null ? compare(loads, when) : comparison;
  };
  return progress.step(`crowd · ${when}`, act, comparisonText);
}

function halve(
  loads: readonly LoadGenerator[],
  visitors: number,
  progress: Progress,
): Promise<Comparison> {
  const when = "half of them left";
  const act = async (): Promise<Comparison> => {
    await leave(loads, visitors / 2);
    return compare(loads, when);
  };
  return progress.step(`crowd · ${when}`, act, comparisonText);
}

async function leave(loads: readonly LoadGenerator[], count: number): Promise<void> {
  const options = { count: count / loads.length, timeoutMs: ENTER_MS };
  await Promise.all(loads.map((load) => load.leave(options)));
}

/** Waits until all are shown the truth, or not any longer. */
async function compare(loads: readonly LoadGenerator[], when: string): Promise<Comparison> {
  const startMs = performance.now();
  const count = await truth(loads);
  const options = { count, timeoutMs: SETTLE_MS };
  const isRight = (await Promise.all(loads.map((load) => load.sees(options)))).every(Boolean);
  const settledMs = isRight ? performance.now() - startMs : null;
  let right = 0;
  for (const load of loads) right += (await load.tally()).shown.get(count) ?? 0;
  return { when, visitors: count, right, settledMs };
}

/** The truth: those who joined and did not leave, whether or not they are just being moved. */
async function truth(loads: readonly LoadGenerator[]): Promise<number> {
  const tallies = await Promise.all(loads.map((load) => load.tally()));
  return tallies.reduce((sum, { intended }) => sum + intended, 0);
}

function comparisonText({ visitors, right, settledMs }: Comparison): string {
  const share = `${formatNumber(right)} of ${formatNumber(visitors)} right`;
  return settledMs === null ? `${share}, others not in time` : share;
}

async function totals(
  loads: readonly LoadGenerator[],
): Promise<Pick<CrowdResult, "moved" | "turnedAway" | "lost" | "refusal" | "counts">> {
  const total = { moved: 0, turnedAway: 0, lost: 0, refusal: "", counts: 0 };
  for (const load of loads) {
    const { moved, turnedAway, lost, refusal, counts } = await load.tally();
    total.moved += moved;
    total.turnedAway += turnedAway;
    total.lost += lost;
    total.refusal ||= refusal;
    total.counts += counts;
  }
  return total;
}

async function used({
  addresses,
}: CrowdServers): Promise<Pick<CrowdResult, "meter" | "cpuMs" | "rssKb">> {
  const meters = await Promise.all(addresses.map(({ port }) => readMeter(port)));
  const stats = addresses.map(({ pid }) => processStat(pid));
  return {
    meter: meters.reduce((sum, meter) => addMeters(sum, meter)),
    cpuMs: stats.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    rssKb: stats.reduce((sum, { peakRssKb }) => sum + peakRssKb, 0),
  };
}

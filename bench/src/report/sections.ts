import type { Calibration } from "../load/calibrate.ts";
import type { Usage } from "../load/usage.ts";
import type { Machine } from "../machine.ts";
import type { BenchResults } from "../results.ts";
import { CHURN, type ChurnResult } from "../scenarios/churn.ts";
import type { LatencyResult } from "../scenarios/latency.ts";
import { QUIET, type QuietResult, wakeUps } from "../scenarios/quiet-minute.ts";
import type { ReadsResult } from "../scenarios/reads.ts";
import { checksSection } from "./checks.ts";
import { crowdSection } from "./crowd-section.ts";
import { formatMs, formatNumber, formatRatio } from "./format.ts";
import { modelSection } from "./model-section.ts";
import { stormSection } from "./storm-sections.ts";
import { table } from "./table.ts";

/** Everything that was found, as Markdown. */
export function reportText(results: BenchResults): string {
  const { storm, latency, churn, quiet, reads, crowd, calibration, machine } = results;
  const sections = [
    checksSection(results),
    storm === undefined ? "" : stormSection(storm),
    latency === undefined ? "" : latencySection(latency),
    churn === undefined ? "" : churnSection(churn),
    quiet === undefined ? "" : quietSection(quiet),
    reads === undefined ? "" : readsSection(reads),
    crowd === undefined ? "" : crowdSection(crowd),
    modelSection(results),
    calibration === undefined ? "" : generatorSection(calibration, results),
    machineSection(machine, results.measuredOn),
  ];
  return sections.filter((section) => section !== "").join("\n");
}

function oursOf<Result extends { readonly contestant: string }>(
  results: readonly Result[],
): Result | undefined {
  return results.find(({ contestant }) => contestant === "ours");
}

function latencySection(results: readonly LatencyResult[]): string {
  const rows = results.map(({ contestant, size, p50Ms, p99Ms }) => {
    const ours = oursOf(results.filter((other) => other.size === size));
    const isOurs = contestant === "ours";
    return [
      `${formatNumber(size)} ${contestant}`,
      p50Ms === null ? "lost" : formatMs(p50Ms),
      isOurs ? "" : formatRatio(p50Ms, ours?.p50Ms ?? null),
      p99Ms === null ? "lost" : formatMs(p99Ms),
      isOurs ? "" : formatRatio(p99Ms, ours?.p99Ms ?? null),
    ];
  });
  return [
    "### One more visitor joins a quiet page",
    "",
    "From the request of the one who joins until each of the others sees the new number: 20 joins, " +
      "all visitors.",
    "",
    table(["visitors, server", "p50", "x ours", "p99", "x ours"], rows),
    "",
  ].join("\n");
}

function churnSection(results: readonly ChurnResult[]): string {
  const ours = oursOf(results);
  const rows = results.map((result) => {
    const { contestant, lateMs, settledMs, spent } = result;
    const isOurs = result === ours;
    return [
      contestant,
      formatNumber(spent.counts),
      isOurs ? "" : formatRatio(spent.counts, ours?.spent.counts ?? null),
      formatMs(spent.cpuMs),
      isOurs ? "" : formatRatio(spent.cpuMs, ours?.spent.cpuMs ?? null),
      formatMs(lateMs),
      settledMs === null ? `wrong after ${formatMs(CHURN.timeoutMs)}` : formatMs(settledMs),
    ];
  });
  const headers = ["server", "messages", "x ours", "server CPU", "x ours", "late", "right after"];
  return [
    "### Churn",
    "",
    `${CHURN.perSecond} join and ${CHURN.perSecond} leave each second for ${CHURN.seconds} s, among ` +
      `${formatNumber(CHURN.visitors)}. Late: how much longer than that it took. Right after: from one ` +
      "last join until all see the right number.",
    "",
    table(headers, rows),
    "",
  ].join("\n");
}

const QUIET_HEADERS = [
  "server",
  "signs of life",
  "wake-ups",
  "a visitor-hour",
  "x ours",
  "rows written",
  "CPU an hour",
  "x ours",
];

function quietSection(results: readonly QuietResult[]): string {
  const ours = oursOf(results);
  const hours = (QUIET.visitors * QUIET.seconds) / 3_600;
  const rows = results.map((result) => {
    const { contestant, spent, sent } = result;
    const isOurs = result === ours;
    const cpuMs = (spent.cpuMs * 3_600) / QUIET.seconds;
    return [
      contestant,
      formatNumber(sent),
      formatNumber(wakeUps(spent.meter)),
      formatNumber(wakeUps(spent.meter) / hours),
      isOurs || ours === undefined
        ? ""
        : formatRatio(wakeUps(spent.meter), wakeUps(ours.spent.meter)),
      formatNumber(spent.meter.rowsWritten),
      formatMs(cpuMs),
      isOurs ? "" : formatRatio(spent.cpuMs, ours?.spent.cpuMs ?? null),
    ];
  });
  return [
    "### A quiet page",
    "",
    `${formatNumber(QUIET.visitors)} visitors for ${QUIET.seconds} s, in which nobody joins or leaves; ` +
      "each says every 20 s that it is there. Wake-ups are what runs code of the page's object (on " +
      "Node: of the server). The hour is sixty times the minute.",
    "",
    table(QUIET_HEADERS, rows),
    "",
  ].join("\n");
}

function readsSection({ requests, perSecond, objectCalls, failed, spent }: ReadsResult): string {
  const each = objectCalls === 0 ? "none" : `one in ${formatNumber(requests / objectCalls)}`;
  return [
    "### Reads",
    "",
    `\`GET /count\` of a page with 1,000 visitors, over 64 connections for 10 s: ` +
      `${formatNumber(perSecond)} answers a second, ${formatNumber(failed)} failed. The page's object ` +
      `was asked ${formatNumber(objectCalls)} times for ${formatNumber(requests)} answers (${each}). ` +
      `Server CPU: ${formatNumber((spent.cpuMs * 1_000) / requests)} µs an answer.`,
    "",
  ].join("\n");
}

function generatorSection(calibration: Calibration, results: BenchResults): string {
  const { handshakes, messages, batchedMessages } = calibration;
  const rows = (results.storm ?? []).map(({ contestant, size, spent }) => [
    `${formatNumber(size)} ${contestant}`,
    share(spent.generator),
    `${Math.round((100 * spent.cpuMs) / spent.wallMs)}%`,
    formatMs(spent.generator.lagP99Ms),
    formatNumber((spent.counts * 1_000) / spent.wallMs),
  ]);
  const headers = ["storm", "generator CPU", "server CPU", "generator lag p99", "messages/s"];
  return [
    "### The load generator is not the bottleneck",
    "",
    "It is a process of its own, with raw sockets. Against a server that only answers it took " +
      `${formatNumber(handshakes.perSecond)} handshakes a second (${share(handshakes.generator)} of a ` +
      `core), ${formatNumber(messages.perSecond)} messages a second written one by one ` +
      `(${share(messages.generator)}), and ${formatNumber(batchedMessages.perSecond)} written eight ` +
      `together (${share(batchedMessages.generator)}). In the storms, as shares of one core:`,
    "",
    table(headers, rows),
    "",
  ].join("\n");
}

function share({ cpuMs, wallMs }: Usage): string {
  return `${Math.round((100 * cpuMs) / wallMs)}%`;
}

function machineSection(machine: Machine, measuredOn: string): string {
  const { cpu, cores, memoryGb, kernel, node, workerd, miniflare } = machine;
  return [
    "### Machine",
    "",
    `${cores} cores (${cpu}), ${memoryGb} GB, Linux ${kernel}; Node ${node}, workerd ${workerd}, ` +
      `Miniflare ${miniflare}, partyserver ${machine.partyserver}, ws ${machine.ws}, Socket.IO ` +
      `${machine.socketIo}. Server and load generator share the machine; everything is on loopback, ` +
      `without compression. The run saved last (${measuredOn}) began at a load of ` +
      `${machine.loadBefore}: above 0.5 the machine had other work, and times are longer than they ` +
      "could be. Each table comes from one run, not all tables from the same.",
    "",
  ].join("\n");
}

import { appendFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Start, Trial, type Cell } from "../support/half-applied/matrix.ts";
import { BY_START, OPERATIONS, type Operation } from "../support/half-applied/operations.ts";
import {
  describeCell,
  describeRequest,
  diagnosticsOf,
  problemOf,
  renderTable,
} from "../support/half-applied/report.ts";
import { isWrite, waysFor, type KnownRequest } from "../support/half-applied/requests.ts";

const USAGE = `npm run half-applied -- [--operation NAME]… [--request TEXT] [--writes] [--log FILE]

Lets each request of each operation on a stack fail in each way, with the real engine on a local cloud,
runs the same command once more (with --refresh when that is what it asks for), and compares what it leaves
with a run without a failure.
  --operation  only this one; may be repeated
  --request    only requests with this text in method and path, such as "DELETE /zones"
  --writes     only requests that change something
  --log        file for what the CLI printed in each case
Exits with 0 only when every case ends in the right state, and every failure says what to do.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      operation: { type: "string", multiple: true },
      request: { type: "string", default: "" },
      writes: { type: "boolean", default: false },
      log: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const isWanted = (request: KnownRequest): boolean =>
    describeRequest(request).includes(values.request) && (!values.writes || isWrite(request));
  const cells: Cell[] = [];
  for await (const cell of runAll(choose(values.operation), isWanted)) {
    cells.push(cell);
    console.log(describeVerdict(cell));
    if (values.log !== undefined) await appendFile(values.log, inFull(cell));
  }
  console.log(`\n${renderTable(cells)}`);
  return cells.every((cell) => problemOf(cell) === undefined) ? 0 : 1;
}

function choose(names: readonly string[] = OPERATIONS.map(({ name }) => name)): Operation[] {
  return names.map((name) => {
    const found = OPERATIONS.find((operation) => operation.name === name);
    if (found !== undefined) return found;
    const known = OPERATIONS.map((operation) => operation.name).join(", ");
    throw new Error(`--operation: there is no '${name}'; there are ${known}.`);
  });
}

async function* runAll(
  operations: readonly Operation[],
  isWanted: (request: KnownRequest) => boolean,
): AsyncGenerator<Cell> {
  for (const [settings, all] of BY_START) {
    const chosen = all.filter((operation) => operations.includes(operation));
    if (chosen.length === 0) continue;
    const start = await Start.deploy(settings);
    try {
      for (const operation of chosen) yield* runOne(start, operation, isWanted);
    } finally {
      await start.stop();
    }
  }
}

async function* runOne(
  start: Start,
  operation: Operation,
  isWanted: (request: KnownRequest) => boolean,
): AsyncGenerator<Cell> {
  const trial = await Trial.prepare(start, operation);
  for (const request of trial.requests.filter(isWanted)) {
    for (const way of waysFor(request)) yield await trial.run(request, way);
  }
}

function describeVerdict(cell: Cell): string {
  const problem = problemOf(cell);
  if (problem !== undefined) return `FAIL ${describeCell(cell)}: ${problem}`;
  return `ok   ${describeCell(cell)}${cell.refreshed === undefined ? "" : " (with --refresh)"}`;
}

function inFull(cell: Cell): string {
  const { failed, repeated, refreshed, difference } = cell;
  const found = difference === undefined ? "none" : JSON.stringify(difference, null, 2);
  return [
    `=== ${describeVerdict(cell)}`,
    `--- with the fault, exit code ${failed.code}`,
    diagnosticsOf(failed.output),
    repeated === undefined
      ? "--- everything is as it was"
      : `--- once more, exit code ${repeated.code}`,
    repeated === undefined || repeated.code === 0 ? "" : diagnosticsOf(repeated.output),
    ...(refreshed === undefined ? [] : [`--- with --refresh, exit code ${refreshed.code}`]),
    `--- difference: ${found}`,
    "",
  ].join("\n");
}

process.exitCode = await main();

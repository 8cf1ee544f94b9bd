import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Start, Trial } from "./support/half-applied/matrix.ts";
import { BY_START, OPERATIONS, type Operation } from "./support/half-applied/operations.ts";
import { describeCell, diagnosticsOf, problemOf } from "./support/half-applied/report.ts";
import { isWrite, type Way } from "./support/half-applied/requests.ts";

/** Left to the whole matrix, `npm run half-applied`: what they ask for is in other operations, too. */
const LEFT_OUT: readonly string[] = ["domain to route", "another domain"];

/** Each change fails in one of them: the next one for the next change, and for the next operation. */
const IN_TURN: readonly Way[] = ["lost", "error", "lost once", "killed", "dropped"];

/** Operations that start from the same stack. */
const GROUPS = [...BY_START].map(([settings, operations]) => ({
  settings,
  operations,
  names: operations.map(({ name }) => name).join(", "),
}));

describe.each(GROUPS)("half-applied: $names", ({ settings, operations }) => {
  let start: Start;
  beforeAll(async () => {
    start = await Start.deploy(settings);
  });
  afterAll(() => start.stop());

  const chosen = operations.filter(({ name }) => !LEFT_OUT.includes(name));
  test.each(chosen.map((operation) => [operation.name, operation] as const))(
    "%s: whichever change the API fails, the same command again ends in the right state",
    async (_name, operation) => {
      expect(await problemsOf(start, operation)).toEqual([]);
    },
    300_000,
  );
});

async function problemsOf(start: Start, operation: Operation): Promise<string[]> {
  const trial = await Trial.prepare(start, operation);
  const problems: string[] = [];
  const writes = trial.requests.filter(isWrite);
  expect(writes).not.toEqual([]);
  for (const [index, request] of writes.entries()) {
    const way = IN_TURN[(OPERATIONS.indexOf(operation) + index) % IN_TURN.length] ?? "error";
    const cell = await trial.run(request, way);
    const problem = problemOf(cell);
    if (problem === undefined) continue;
    const said = [cell.failed, cell.repeated].map((run) => diagnosticsOf(run?.output ?? ""));
    problems.push([`${describeCell(cell)}: ${problem}`, ...said].join("\n"));
  }
  return problems;
}

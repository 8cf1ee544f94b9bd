import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Start, Trial } from "./support/half-applied/matrix.ts";
import { BY_START, OPERATIONS, type Operation } from "./support/half-applied/operations.ts";
import { describeCell, diagnosticsOf, problemOf } from "./support/half-applied/report.ts";
import { isWrite, waysFor } from "./support/half-applied/requests.ts";

/** Each group starts from one stack. The whole matrix: `node test/half-applied/main.ts`. */
describe.each([...BY_START])("an update that fails half-way, from %j", (settings, operations) => {
  let start: Start;
  beforeAll(async () => {
    start = await Start.deploy(settings);
  });
  afterAll(() => start.stop());

  test.each(operations.map((operation) => [operation.name, operation] as const))(
    "%s: whichever change the API fails, the same command again ends in the right state",
    async (_name, operation) => {
      expect(await problemsOf(start, operation)).toEqual([]);
    },
    300_000,
  );
});

/** Each change fails in one way, another one for each, and for each operation. */
async function problemsOf(start: Start, operation: Operation): Promise<string[]> {
  const trial = await Trial.prepare(start, operation);
  const problems: string[] = [];
  const writes = trial.requests.filter(isWrite);
  expect(writes).not.toEqual([]);
  for (const [index, request] of writes.entries()) {
    const ways = waysFor(request);
    const way = ways[(OPERATIONS.indexOf(operation) + index) % ways.length] ?? "error";
    const cell = await trial.run(request, way);
    const problem = problemOf(cell);
    if (problem === undefined) continue;
    const said = [cell.failed, cell.repeated].map((run) => diagnosticsOf(run?.output ?? ""));
    problems.push([`${describeCell(cell)}: ${problem}`, ...said].join("\n"));
  }
  return problems;
}

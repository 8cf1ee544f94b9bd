import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mergeRuns, nameOf, readReport } from "../lib/test-report.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "visitor-tracker-report-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Case {
  name: string;
  status: string;
  message?: string;
}

async function written(cases: Record<string, Case[]>, code = 0, fileMessage = "") {
  const path = join(folder, "report.json");
  const testResults = Object.entries(cases).map(([file, tests]) => ({
    name: resolve(file),
    status:
      fileMessage !== "" || tests.some(({ status }) => status === "failed") ? "failed" : "passed",
    message: fileMessage,
    assertionResults: tests.map(({ name, status, message = "" }) => ({
      fullName: name,
      status,
      failureMessages: message === "" ? [] : [message],
    })),
  }));
  await writeFile(path, JSON.stringify({ testResults }));
  return readReport(path, code);
}

function failing(...names: string[]): Case[] {
  return ["one", "two", "three"].map((name) => ({
    name,
    status: names.includes(name) ? "failed" : "passed",
    message: names.includes(name) ? "Error: late" : "",
  }));
}

test("tests are counted by file, and a failed one is named with the first line of its error", async () => {
  const [report] = await written(
    {
      "test/a.test.ts": [
        { name: "counts one", status: "passed" },
        {
          name: "counts two",
          status: "failed",
          message: "Error: 3 instead of 2\n    at a.test.ts:1",
        },
        { name: "waits for Firefox", status: "skipped" },
      ],
    },
    1,
  );
  expect(report).toEqual({
    file: "test/a.test.ts",
    passed: 1,
    skipped: 1,
    failures: [{ file: "test/a.test.ts", test: "counts two", message: "Error: 3 instead of 2" }],
  });
});

test("a file that does not load is one failure, of the file", async () => {
  const [report] = await written({ "test/a.test.ts": [] }, 1, "SyntaxError: Unexpected token\n at");
  expect(report?.failures.map(nameOf)).toEqual(["test/a.test.ts"]);
  expect(report?.failures[0]?.message).toBe("SyntaxError: Unexpected token");
});

test("a run that failed without a failed test has failed", async () => {
  const reports = await written(
    { "test/a.test.ts": [{ name: "counts one", status: "passed" }] },
    1,
  );
  expect(reports.flatMap(({ failures }) => failures.map(({ message }) => message))).toEqual([
    "vitest ended with 1, see its output",
  ]);
});

test("a run without a report has failed", async () => {
  const reports = await readReport(join(folder, "none.json"), 134);
  expect(reports[0]?.failures).toHaveLength(1);
});

test("only what failed in both runs has failed; the rest is flaky and named", async () => {
  const other = [{ name: "other", status: "passed" }];
  const first = await written({ "a.test.ts": failing("one", "two"), "b.test.ts": other }, 1);
  const second = await written({ "a.test.ts": failing("two", "three") }, 1);
  const merged = mergeRuns(first, second);
  expect(merged.flatMap(({ failures }) => failures.map(nameOf))).toEqual(["a.test.ts > two"]);
  expect(merged.flatMap(({ flaky }) => flaky.map(nameOf))).toEqual([
    "a.test.ts > one",
    "a.test.ts > three",
  ]);
  expect(merged.map(({ passed }) => passed)).toEqual([2, 1]);
});

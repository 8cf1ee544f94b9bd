import { readFile } from "node:fs/promises";
import { relative } from "node:path";

/** One test that failed, or a file that did not load (then `test` is empty). */
export interface Failure {
  /** Path from the folder that the tests ran in. */
  file: string;
  test: string;
  /** The first line of what was thrown. */
  message: string;
}

/** What became of one file's tests. */
export interface FileReport {
  file: string;
  passed: number;
  skipped: number;
  failures: readonly Failure[];
}

/** Both runs of a file: what failed twice has failed, what failed in one of them is flaky. */
export interface Merged extends FileReport {
  flaky: readonly Failure[];
}

/**
 * Reads what `vitest --reporter=json` wrote. A run that failed without a failed test (an error
 * outside of any test, a report that is not there) has one failure, of no file, that says so.
 *
 * @param code Exit code of the run.
 */
export async function readReport(path: string, code: number): Promise<FileReport[]> {
  const written = await readFile(path, "utf8").catch(() => "{}");
  const files = list(fields(JSON.parse(written))["testResults"])
    .map(fields)
    .map(fileReport);
  if (code === 0 || files.some(({ failures }) => failures.length > 0)) return files;
  const message = `vitest ended with ${code}, see its output`;
  return [
    ...files,
    { file: "", passed: 0, skipped: 0, failures: [{ file: "", test: "", message }] },
  ];
}

/** Takes a second run of some files together with the first. */
export function mergeRuns(first: readonly FileReport[], second: readonly FileReport[]): Merged[] {
  return first.map((report) => {
    const again = second.find(({ file }) => file === report.file);
    if (again === undefined) return { ...report, flaky: [] };
    const once = [...report.failures, ...again.failures];
    const twice = new Set(intersection(report.failures, again.failures));
    const flaky = once.filter((failure) => !twice.has(nameOf(failure)));
    const failures = again.failures.filter((failure) => twice.has(nameOf(failure)));
    const passedBefore = again.failures.length - failures.length;
    return { ...again, passed: again.passed + passedBefore, failures, flaky };
  });
}

/** `file > suite test`, as vitest prints it. */
export function nameOf({ file, test }: Failure): string {
  return test === "" ? file : `${file} > ${test}`;
}

function intersection(left: readonly Failure[], right: readonly Failure[]): string[] {
  const names = new Set(left.map(nameOf));
  return right.map(nameOf).filter((name) => names.has(name));
}

function fileReport(file: Record<string, unknown>): FileReport {
  const path = relative(process.cwd(), text(file["name"]));
  const tests = list(file["assertionResults"]).map(fields);
  const failures = tests
    .filter(({ status }) => status === "failed")
    .map((test) => ({
      file: path,
      test: text(test["fullName"]),
      message: firstLine(text(list(test["failureMessages"])[0])),
    }));
  if (failures.length === 0 && file["status"] === "failed")
    failures.push({ file: path, test: "", message: firstLine(text(file["message"])) });
  const passed = tests.filter(({ status }) => status === "passed").length;
  const ran = passed + failures.filter(({ test }) => test !== "").length;
  return { file: path, passed, skipped: tests.length - ran, failures };
}

function fields(value: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value ?? {}));
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? "";
}

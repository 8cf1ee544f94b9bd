import type { Finding, Level } from "./finding.ts";

const MARKS: { readonly [level in Level]: string } = {
  ok: "ok     ",
  warning: "WARNING",
  problem: "PROBLEM",
  skipped: "-      ",
};

/** Before the lines of one finding after the first. */
const INDENT = "\n           ";

/** One line for each finding, what to do below it, and a summary. */
export function renderFindings(stack: string, findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ check, level, found, advice }) => [
    `  ${MARKS[level]}  ${check}: ${found.replaceAll("\n", INDENT)}`,
    ...(advice === undefined ? [] : advice.split("\n").map((line) => `           -> ${line}`)),
  ]);
  return [...lines, summarize(stack, findings)].join("\n");
}

/** For programs: the same, in one JSON line. */
export function findingsAsJson(stack: string, findings: readonly Finding[]): string {
  return JSON.stringify({ stack, ok: !hasProblems(findings), findings });
}

export function hasProblems(findings: readonly Finding[]): boolean {
  return findings.some(({ level }) => level === "problem");
}

function summarize(stack: string, findings: readonly Finding[]): string {
  const count = (level: Level): number => findings.filter((one) => one.level === level).length;
  const counts = `${count("ok")} ok, ${plural(count("warning"), "warning")}, ${plural(count("problem"), "problem")}`;
  const skipped = count("skipped");
  const verdict = hasProblems(findings) ? "is not ready to be deployed" : "can be deployed";
  return `stack ${stack} ${verdict}: ${counts}${skipped === 0 ? "" : `, ${skipped} not known`}`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

import { expect, test } from "vitest";
import { parseOptions } from "../src/options.ts";

const FILES = 20_000;

function parsing(...args: string[]): () => unknown {
  return () => parseOptions(args, FILES);
}

test("everything is run with everyone when nothing is said", () => {
  const options = parseOptions([], FILES);

  expect(options).toMatchObject({
    only: ["calibrate", "storm", "latency", "churn", "quiet", "reads", "pages", "crowd"],
    subjects: ["ours", "naive", "partyserver", "ws", "socket.io"],
    sizes: [100, 1_000, 5_000, 9_500],
    out: null,
  });
});

test("what is chosen keeps its usual order", () => {
  const args = ["--only", "churn,storm", "--subjects", "ws, ours", "--sizes", "1000,100"];

  expect(parseOptions(args, FILES)).toMatchObject({
    only: ["storm", "churn"],
    subjects: ["ours", "ws"],
    sizes: [100, 1_000],
  });
});

test("a wrong value is named, with what to give instead", () => {
  expect(parsing("--only", "strom")).toThrow("--only: 'strom' is unknown; give some of calibrate,");
  expect(parsing("--subjects", "")).toThrow("--subjects: '' is unknown; give some of ours,naive");
  expect(parsing("--sizes", "100,-5")).toThrow("--sizes: '-5' cannot be used; give whole numbers");
  expect(parsing("--sizes", "0")).toThrow("--sizes: '0' cannot be used");
  expect(parsing("--size", "100")).toThrow("Unknown option '--size'");
});

test("more visitors than a process may have files for are refused before anything runs", () => {
  expect(() => parseOptions(["--sizes", "9851"], FILES)).toThrow(
    "--sizes: 9851 visitors need 20002 open files in one process, and 20000 are allowed here",
  );
  expect(parseOptions(["--sizes", "9850"], FILES)).toMatchObject({ sizes: [9_850] });
  expect(() => parseOptions([], 1_024)).toThrow("--sizes: 1000 visitors need 2300 open files");
});

import { expect, test } from "vitest";
import { type Line, withChange, withLine } from "../journal.ts";

const texts = (lines: readonly Line[]): string[] => lines.map(({ text }) => text);

test("the newest line comes first and the ninth goes", () => {
  let lines: readonly Line[] = [];
  for (let n = 1; n <= 9; n++) lines = withLine(lines, `line ${n}`, n);
  expect(texts(lines)).toEqual([9, 8, 7, 6, 5, 4, 3, 2].map((n) => `line ${n}`));
});

test("changes that follow each other within two seconds are one line", () => {
  let lines = withLine([], "before", 0);
  lines = withChange(lines, { from: 1, to: 2 }, 1_000);
  lines = withChange(lines, { from: 2, to: 40 }, 2_900);
  lines = withChange(lines, { from: 40, to: 1_101 }, 4_800);
  expect(texts(lines)).toEqual(["1,100 joined: 1,101 here now", "before"]);
  expect(lines[0]?.atMs).toBe(4_800);
});

test("later changes are a line of their own, and so are those after something else", () => {
  let lines = withChange([], { from: 1, to: 3 }, 0);
  lines = withChange(lines, { from: 3, to: 2 }, 2_000);
  lines = withLine(lines, "between", 2_100);
  lines = withChange(lines, { from: 2, to: 1 }, 2_200);
  expect(texts(lines)).toEqual([
    "1 left: 1 here now",
    "between",
    "1 left: 2 here now",
    "2 joined: 3 here now",
  ]);
});

test("a burst that ends where it began is told as coming and going", () => {
  const lines = withChange([], { from: 1, to: 2 }, 0);
  expect(texts(withChange(lines, { from: 2, to: 1 }, 500))).toEqual([
    "Some came and went: 1 here now",
  ]);
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { comparisons, isWithinTolerance, wereCountsRight } from "../lib/bill/measured.ts";
import { CHECKOUT } from "../lib/project.ts";

const results: unknown = JSON.parse(await readFile(join(CHECKOUT, "bench/results.json"), "utf8"));

test("what was measured was counted right", () => {
  expect(wereCountsRight(results)).toBe(true);
  expect(wereCountsRight({ quiet: {} })).toBe(false);
});

test.each(comparisons(results))("$where: $what are as modelled", (comparison) => {
  expect(isWithinTolerance(comparison), JSON.stringify(comparison)).toBe(true);
});

test("a quiet page is woken at most every other visitor-hour", () => {
  const wakeUps = comparisons(results).find(({ what }) => what.startsWith("messages that wake"));
  expect(wakeUps?.measured).toBeLessThanOrEqual(0.5);
});

test("a number that is missing is named, with the command that measures it", () => {
  expect(() => comparisons({ quiet: { product: { visitors: 5 } } })).toThrow(
    "no number at quiet.product.figures.objectRequestsAJoin; run node bench/src/quiet/main.ts",
  );
});

function fits(measured: number, modelled: number): boolean {
  return isWithinTolerance({ where: "", what: "", measured, modelled, tolerance: 0.1 });
}

test("a difference beyond the tolerance is one", () => {
  expect([fits(110, 100), fits(90, 100), fits(0, 0)]).toEqual([true, true, true]);
  expect([fits(111, 100), fits(89, 100), fits(1, 0)]).toEqual([false, false, false]);
});

import { expect, test } from "vitest";
import { percentile } from "../src/percentile.ts";
import { parseStat } from "../src/process-stat.ts";
import { formatKb, formatMs, formatNumber, formatRatio } from "../src/report/format.ts";
import { table } from "../src/report/table.ts";

test("a percentile is the smallest value that so many do not exceed", () => {
  const values = [40, 10, 30, 20];

  expect(percentile(values, 0.5)).toBe(20);
  expect(percentile(values, 0.51)).toBe(30);
  expect(percentile(values, 0.99)).toBe(40);
  expect(percentile(values, 0)).toBe(10);
  expect(percentile([7], 0.99)).toBe(7);
  expect(values).toStrictEqual([40, 10, 30, 20]);
});

test("there is no percentile of nothing", () => {
  expect(() => percentile([], 0.5)).toThrow("no values");
});

test("numbers are ordered as numbers, not as text", () => {
  expect(percentile([9, 100, 20], 0.5)).toBe(20);
});

test("processor time is found behind a program's name with spaces and parentheses", () => {
  const stat = "12 (a) b (c)) S 1 12 12 0 -1 4194560 5 0 0 0 250 50 0 0 20 0 9 0 1 2 3";

  expect(parseStat(stat)).toStrictEqual({ ticks: 300 });
});

test("figures are as short as they can be without another meaning", () => {
  expect(formatNumber(500_500)).toBe("500,500");
  expect(formatNumber(100)).toBe("100");
  expect(formatNumber(29.4)).toBe("29");
  expect(formatNumber(4.06)).toBe("4.1");
  expect(formatNumber(3)).toBe("3");
  expect(formatNumber(0.184)).toBe("0.18");
  expect(formatNumber(0)).toBe("0");
  expect(formatMs(4.26)).toBe("4.3 ms");
  expect(formatMs(412.4)).toBe("412 ms");
  expect(formatMs(16_300)).toBe("16 s");
  expect(formatKb(108)).toBe("108 KB");
  expect(formatKb(1_536)).toBe("1.5 MB");
});

test("a ratio needs both values", () => {
  expect(formatRatio(16_300, 570)).toBe("29x");
  expect(formatRatio(null, 570)).toBe("");
  expect(formatRatio(16_300, null)).toBe("");
  expect(formatRatio(16_300, 0)).toBe("");
});

test("a table's columns are as wide as their widest cell", () => {
  expect(
    table(
      ["server", "ms"],
      [
        ["ours", "570"],
        ["naive", "16,300"],
      ],
    ),
  ).toBe(
    [
      "| server |     ms |",
      "| ------ | -----: |",
      "| ours   |    570 |",
      "| naive  | 16,300 |",
    ].join("\n"),
  );
});

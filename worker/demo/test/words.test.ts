import { expect, test } from "vitest";
import { costOf, dollars } from "../cost.ts";
import { duration, peopleWords, snippet, statusWords } from "../words.ts";

test.each([
  [0, "people are here now"],
  [1, "person is here now"],
  [2, "people are here now"],
  [1_001, "people are here now"],
])("%d is followed by %j", (count, words) => {
  expect(peopleWords(count)).toBe(words);
});

test.each([
  [0.64, "0.6 ms"],
  [9.94, "9.9 ms"],
  [9.96, "10 ms"],
  [999, "999 ms"],
  [999.6, "1.0 s"],
  [46_830, "46.8 s"],
  [99_949, "99.9 s"],
  [99_950, "1 min 40 s"],
  [125_000, "2 min 5 s"],
])("%d ms are %j", (ms, words) => {
  expect(duration(ms)).toBe(words);
});

test.each([
  ["live", { isOptedOut: false }, "Live"],
  ["live", { isOptedOut: true }, "Live; your browser asks not to be counted"],
  ["retrying", { isOptedOut: true }, "Connection lost, trying again"],
  ["stopped", { isOptedOut: false, reason: "more than 8 tabs" }, "Refused: more than 8 tabs"],
  ["stopped", { isOptedOut: false }, "Refused: the browser’s console says why"],
] as const)("the status %s under %j reads %j", (status, context, words) => {
  expect(statusWords(status, context)).toBe(words);
});

test("a visit costs one request to the Worker and one to the object", () => {
  const million = { workerRequests: 1_000_000, joins: 1_000_000, wakingMessages: 0 };
  expect(costOf(million)).toBeCloseTo(0.45, 10);
});

test("a connection that was refused costs the Worker's request alone", () => {
  expect(costOf({ workerRequests: 1_000_000, joins: 0, wakingMessages: 0 })).toBeCloseTo(0.3, 10);
});

test("20 messages that wake the object cost as much as one request to it", () => {
  const usage = { workerRequests: 0, joins: 0, wakingMessages: 20_000_000 };
  expect(costOf(usage)).toBeCloseTo(0.15, 10);
});

test.each([
  [0, "$0.00"],
  [0.000_000_45, "$0.00000045"],
  [0.000_022_949, "$0.000023"],
  [0.009_9, "$0.0099"],
  [0.45, "$0.45"],
  [1_234.5, "$1,234.50"],
])("%d dollars are written %j", (amount, text) => {
  expect(dollars(amount)).toBe(text);
});

test("a site takes the script from where the demo page is", () => {
  expect(snippet("https://example.com/live")).toBe(
    '<script src="https://example.com/live/live.js" async></script>\n' +
      '<visitor-count one="{} person is here" other="{} people are here"></visitor-count>',
  );
});

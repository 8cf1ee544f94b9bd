import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FreshReads, OwnError, type Reading } from "../src/reads/fresh-reads.ts";

let reads: FreshReads<number>;
let asked: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000_000_000 });
  reads = new FreshReads<number>({ freshMs: 5_000, maxEntries: 3 });
  asked = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

/** Answers how often it was asked. */
async function ask(): Promise<Reading<number>> {
  asked++;
  return { value: asked, readMs: Date.now() };
}

async function value(key = "a"): Promise<number> {
  return (await reads.read(key, ask)).value;
}

test("a reading is good for as long as it is fresh, and not a millisecond longer", async () => {
  expect(await value()).toBe(1);
  vi.advanceTimersByTime(4_999);
  expect(await value()).toBe(1);
  vi.advanceTimersByTime(1);
  expect(await value()).toBe(2);
});

test("a reading of the future is none: the clock was set back", async () => {
  await value();
  vi.setSystemTime(Date.now() - 1);
  expect(await value()).toBe(2);
});

test("what was read longest ago is forgotten first", async () => {
  for (const key of ["a", "b", "c", "d"]) await value(key);
  expect(reads.size).toBe(3);
  expect(await value("b")).toBe(2);
  expect(await value("a")).toBe(5);
  expect(await value("b")).toBe(6);
});

test("who waits is not kept by one who never comes back", async () => {
  void reads.read("a", () => new Promise(() => undefined));
  vi.advanceTimersByTime(4_999);
  const waiting = value();
  expect(asked).toBe(0);
  vi.advanceTimersByTime(1);
  expect(await waiting).toBe(1);
});

test("an error is told to all who wait, but for the asker's own", async () => {
  const failed = new Error("busy");
  const first = reads.read("a", () => Promise.reject(failed));
  await expect(first).rejects.toBe(failed);
  await expect(value()).rejects.toBe(failed);
  const own = reads.read("b", () => Promise.reject(new OwnError("too many")));
  await expect(own).rejects.toThrow("too many");
  expect(await value("b")).toBe(1);
});

test("what was read by a clock that is ahead is asked for once", async () => {
  const askAhead = vi.fn<() => Promise<Reading<number>>>(async () => ({
    value: 1,
    readMs: Date.now() + 200,
  }));
  for (let number = 0; number < 20; number++) await reads.read("a", askAhead);
  expect(askAhead).toHaveBeenCalledOnce();
});

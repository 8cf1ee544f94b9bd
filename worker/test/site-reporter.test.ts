import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { reportDueMs } from "../src/rules/report-due.ts";
import { SiteReporter } from "../src/site-reporter.ts";

const START_MS = 1_000_000_000_000;

describe("a report", () => {
  const nowMs = START_MS;
  test.for([
    ["is due at once after waking", 3, null, 0],
    ["is not due when nothing changed", 3, [3, 60_000], null],
    ["is not due when nobody is there still", 0, [0, 60_000], null],
    ["is due at once when the first one comes", 1, [0, 0], 0],
    ["is due at once when many come", 9, [0, 0], 0],
    ["is due at once when the last one leaves", 0, [1, 0], 0],
    ["is due 15 s after the last when one of five came", 6, [5, 1_000], 14_000],
    ["is due 15 s after the last when one of five left", 4, [5, 1_000], 14_000],
    ["is due at once when a fifth changed after 15 s", 6, [5, 15_000], 0],
    ["is due 60 s after the last when less than a fifth changed", 7, [6, 1_000], 59_000],
    ["is due at once when less than a fifth changed after a minute", 119, [100, 60_000], 0],
    ["is due in 15 s when the clock was set back", 6, [5, -3_600_000], 15_000],
  ] as const)("%s", ([, total, last, expected]) => {
    const report = last === null ? null : { count: last[0], atMs: nowMs - last[1] };
    const dueMs = reportDueMs(total, report, nowMs);
    expect(dueMs === null ? null : dueMs - nowMs).toBe(expected);
  });
});

describe("a reporter", () => {
  let total: number | null;
  let sent: (number | string)[];
  let wakes: number[];
  let reporter: SiteReporter;
  let fails: boolean;
  let cannotWake: boolean;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: START_MS });
    [total, sent, wakes, fails, cannotWake] = [0, [], [], false, false];
    reporter = new SiteReporter({
      total: () => total,
      send: async (count) => {
        sent.push(count);
        if (fails) throw new Error("unreachable");
      },
      wakeAt: async (ms) => {
        wakes.push(ms - START_MS);
        if (cannotWake) throw new Error("too many rows");
      },
    });
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  async function change(count: number | null, afterMs = 0): Promise<void> {
    vi.advanceTimersByTime(afterMs);
    total = count;
    await reporter.update();
  }

  test("tells of the first visitor, and sets the alarm once for those who come right after", async () => {
    for (const count of [1, 2, 3, 4]) await change(count, 1_000);
    expect([sent, wakes]).toEqual([[1], [16_000]]);
    vi.advanceTimersByTime(12_000);
    await reporter.onAlarm();
    expect(reporter.wakeMs).toBeNull();
    expect([sent, reporter.mayNeedAlarm]).toEqual([[1, 4], false]);
  });

  test("moves the alarm only to be sooner", async () => {
    await change(10);
    await change(11);
    await change(12);
    await change(11);
    expect(wakes).toEqual([60_000, 15_000]);
  });

  test("has an alarm that comes too soon be set again", async () => {
    await change(10);
    await change(11, 1_000);
    vi.advanceTimersByTime(20_000);
    await reporter.onAlarm();
    expect(reporter.wakeMs).toBe(START_MS + 60_000);
    expect(sent).toEqual([10]);
  });

  test("forgets the alarm when the number came back", async () => {
    await change(10);
    await change(11, 1_000);
    await change(10, 1_000);
    await reporter.onAlarm();
    expect(reporter.wakeMs).toBeNull();
    expect(sent).toEqual([10]);
  });

  test("reports one after the other, and what came meanwhile right after", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let current = 1;
    const log: string[] = [];
    const slow = new SiteReporter({
      total: () => current,
      send: async (count) => {
        log.push(`${count} sent`);
        await promise;
        log.push(`${count} told`);
      },
      wakeAt: () => Promise.resolve(),
    });
    const first = slow.update();
    current = 0;
    const second = slow.update();
    expect([log, slow.mayNeedAlarm]).toEqual([["1 sent"], true]);
    resolve();
    await Promise.all([first, second]);
    expect(log).toEqual(["1 sent", "1 told", "0 sent", "0 told"]);
  });

  test("tries again in 15 s when the directory cannot be reached, as often as it takes", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    fails = true;
    await change(5);
    vi.advanceTimersByTime(15_000);
    await reporter.onAlarm();
    expect(reporter.wakeMs).toBe(START_MS + 30_000);
    fails = false;
    vi.advanceTimersByTime(15_000);
    await reporter.onAlarm();
    expect(reporter.wakeMs).toBeNull();
    expect([sent, wakes, log.mock.calls.length]).toEqual([[5, 5, 5], [15_000, 30_000], 2]);
  });

  test("takes a report that failed for one that may have been heard", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    await change(5);
    fails = true;
    await change(0);
    fails = false;
    await change(5);
    expect(sent).toEqual([5, 0]);
    vi.advanceTimersByTime(15_000);
    await reporter.onAlarm();
    expect([sent, reporter.mayNeedAlarm]).toEqual([[5, 0, 5], false]);
  });

  test("leaves it to the alarm to try again, however much changes meanwhile", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    fails = true;
    for (const count of [1, 2, 3, 0, 1]) await change(count, 1_000);
    expect([sent, wakes, log.mock.calls.length]).toEqual([[1], [16_000], 1]);
  });

  test("tries again at the next change when the alarm could not be set", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    cannotWake = true;
    await change(10);
    await change(11, 1_000);
    await change(12, 1_000);
    expect([sent, wakes]).toEqual([[10], [60_000, 15_000]]);
    cannotWake = false;
    await change(11, 1_000);
    expect([sent, wakes, reporter.mayNeedAlarm]).toEqual([[10], [60_000, 15_000, 60_000], true]);
  });

  test("reports by an alarm whatever the total is when it does not know what it told", async () => {
    total = 4;
    expect(reporter.mayNeedAlarm).toBe(true);
    await reporter.onAlarm();
    expect(reporter.wakeMs).toBeNull();
    expect([sent, reporter.mayNeedAlarm]).toEqual([[4], false]);
  });

  test("says nothing while the total is not known", async () => {
    await change(null);
    expect([sent, wakes]).toEqual([[], []]);
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseCron } from "../src/schedules/cron.ts";
import { startScheduler } from "../src/schedules/scheduler.ts";

function runsAt(cron: string, time: string): boolean {
  const parsed = parseCron(cron);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.matches(new Date(`${time}Z`));
}

/** 2026-11-29 is a Sunday. */
test.each([
  ["* * * * *", "2026-11-30T12:34", true],
  ["*/30 * * * *", "2026-11-30T12:30", true],
  ["*/30 * * * *", "2026-11-30T12:31", false],
  ["45 * * * *", "2026-11-30T12:45", true],
  ["5-20/5 * * * *", "2026-11-30T12:15", true],
  ["5-20/5 * * * *", "2026-11-30T12:25", false],
  ["5/20 * * * *", "2026-11-30T12:45", true],
  ["0 17,18 * * *", "2026-11-30T18:00", true],
  ["0 17 * * sun", "2026-11-29T17:00", true],
  ["0 17 * * 1", "2026-11-29T17:00", true],
  ["0 17 * * 7", "2026-11-29T17:00", false],
  ["0 17 * * 7", "2026-11-28T17:00", true],
  ["0 17 * * MON-FRI", "2026-11-30T17:00", true],
  ["0 17 * * mon-fri", "2026-11-29T17:00", false],
  ["10 7 * nov mon-fri", "2026-11-30T07:10", true],
  ["10 7 * 12 mon-fri", "2026-11-30T07:10", false],
  ["0 15 1 * *", "2026-12-01T15:00", true],
  ["59 23 L * *", "2026-11-30T23:59", true],
  ["59 23 L * *", "2026-11-29T23:59", false],
  ["0 0 L 2 *", "2028-02-29T00:00", true],
  ["0 0 L-2 * *", "2026-11-28T00:00", true],
  ["0 0 LW * *", "2026-11-30T00:00", true],
  ["0 0 LW * *", "2026-10-30T00:00", true],
  ["0 0 1W * *", "2026-11-02T00:00", true],
  ["0 0 1W * *", "2026-08-03T00:00", true],
  ["0 0 15W * *", "2026-11-16T00:00", true],
  ["0 0 31W * *", "2026-11-30T00:00", false],
  ["59 23 * * friL", "2026-11-27T23:59", true],
  ["59 23 * * 6L", "2026-11-20T23:59", false],
  ["0 0 * * L", "2026-11-28T00:00", true],
  ["0 0 * * mon#2", "2026-11-09T00:00", true],
  ["0 0 * * 2#2", "2026-11-16T00:00", false],
  ["0 0 1 * mon", "2026-12-01T00:00", true],
  ["0 0 1 * mon", "2026-11-30T00:00", true],
  ["0 0 1 * mon", "2026-11-29T00:00", false],
])("%s runs at %s: %s", (cron, time, expected) => {
  expect(runsAt(cron, time)).toBe(expected);
});

test.each([
  ["* * * *", "has 4 fields; it needs 5."],
  ["* * * * * *", "has 6 fields; it needs 5."],
  ["60 * * * *", "has '60' for the minute, which is from 0 to 59."],
  ["* 24 * * *", "has '24' for the hour, which is from 0 to 23."],
  ["* * 0 * *", "has '0' for the day of the month, which is from 1 to 31."],
  ["* * * 13 *", "has '13' for the month, which is from 1 to 12."],
  ["0 22 * * 0", "has '0' for the day of the week, which is from 1 to 7."],
  ["20-10 * * * *", "has '20-10' for the minute, which is from 0 to 59."],
  ["*/0 * * * *", "has '*/0' for the minute, which is from 0 to 59."],
  ["1,,2 * * * *", "has '' for the minute, which is from 0 to 59."],
  ["* * * * mon#6", "has 'MON#6' for the day of the week, which is from 1 to 7."],
  ["* * Lx * *", "has 'Lx' for the day of the month, which is from 1 to 31."],
  ["@daily", "has 1 fields; it needs 5."],
])("%s is refused", (cron, reason) => {
  expect(parseCron(cron)).toEqual({ ok: false, reason });
});

describe("the scheduler", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date("2026-11-30T12:28:30Z") });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("calls each trigger once at each of its minutes, and asks for them anew", () => {
    const triggers = [{ script: "app", cron: "*/2 * * * *" }];
    const calls: string[] = [];
    const { close } = startScheduler({
      triggers: () => triggers,
      run: ({ script }, time) =>
        calls.push(`${script} ${new Date(time).toISOString().slice(11, 19)}`),
    });
    vi.advanceTimersByTime(4 * 60_000);
    expect(calls).toEqual(["app 12:30:00", "app 12:32:00"]);
    triggers.push({ script: "late", cron: "33 * * * *" });
    vi.advanceTimersByTime(60_000);
    expect(calls.slice(2)).toEqual(["late 12:33:00"]);
    close();
    vi.advanceTimersByTime(10 * 60_000);
    expect(calls).toHaveLength(3);
  });
});

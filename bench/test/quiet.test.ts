import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Phase, type Run, figuresOf } from "../src/quiet/figures.ts";
import { measure } from "../src/quiet/measure.ts";
import { parseQuietOptions } from "../src/quiet/options.ts";
import { saveRun } from "../src/quiet/results.ts";
import { measureSite } from "../src/quiet/site.ts";
import { emptyMeter } from "../workers/counters.ts";

const SILENCE = { pings: 0, pongs: 0, heartbeats: 0, counts: 0 };

function phase(seconds: number, meter: Partial<Phase["meter"]>, cpuSeconds = 0): Phase {
  return { seconds, meter: { ...emptyMeter(), ...meter }, talk: SILENCE, cpuSeconds };
}

/** 100 visitors, quiet for six minutes: ten visitor-hours. */
const RUN: Run = {
  clients: "contract",
  visitors: 100,
  heartbeatMs: 20_000,
  join: phase(20, { fetches: 100, rowsWritten: 1 }, 0.5),
  quiet: phase(360, { messages: 1_800, alarms: 14, rowsWritten: 14 }, 1),
  asleep: null,
  awake: null,
  leave: phase(1, { closes: 98, errors: 2, rowsWritten: 1 }, 0.1),
  isRight: true,
};

describe("figures", () => {
  test("are of one unit", () => {
    const { alarmsAnHour, rowsAnHour, ...figures } = figuresOf(RUN);
    expect(figures).toEqual({
      objectRequestsAJoin: 1,
      rowsAJoin: 0.01,
      eventsALeave: 1,
      rowsALeave: 0.01,
      wakeUpsAVisitorHour: 181.4,
      messagesAVisitorHour: 180,
      pingsAVisitorHour: 0,
      cpuMsAJoin: 5,
      cpuMsALeave: 1,
      cpuMsAVisitorHour: 100,
    });
    expect(alarmsAnHour).toBeCloseTo(140, 9);
    expect(rowsAnHour).toBeCloseTo(140, 9);
  });
});

async function resultsFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "quiet-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "results.json");
}

describe("results", () => {
  test("are put beside what others keep in the same file", async () => {
    const path = await resultsFile();
    const others = { storm: { at: 1_795_528_800_123 }, quiet: { product: { visitors: 7 } } };
    await writeFile(path, JSON.stringify(others));
    await saveRun(path, RUN, "2026-11-24");
    const saved: unknown = JSON.parse(await readFile(path, "utf8"));
    expect(saved).toMatchObject({
      storm: { at: 1_795_528_800_123 },
      quiet: {
        product: { visitors: 7 },
        contract: { measuredOn: "2026-11-24", figures: { wakeUpsAVisitorHour: 181.4 } },
      },
    });
  });

  test("are put into a file of their own where there is none", async () => {
    const path = await resultsFile();
    await saveRun(path, RUN, "2026-11-24");
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({
      quiet: { contract: { visitors: 100 } },
    });
  });
});

describe("options", () => {
  test("are 1,000 visitors and ten minutes, with both clients", () => {
    expect(parseQuietOptions([], "results.json")).toEqual({
      visitors: 1_000,
      minutes: 10,
      clients: ["product", "contract"],
      pages: 1,
      splitAt: null,
      hasSiteCount: false,
      visit: 5,
      out: "results.json",
    });
  });

  test.each([
    [
      ["--visitors", "0"],
      "--visitors: '0' cannot be used; give a whole number above 0, at most 9000",
    ],
    [
      ["--visitors", "1e3"],
      "--visitors: '1e3' cannot be used; give a whole number above 0, at most 9000",
    ],
    [["--minutes", "-"], "--minutes: '-' cannot be used; give a number above 0, at most 1440"],
    [["--clients", "none"], "--clients: 'none' is unknown; give product, contract or both"],
  ])("%j is refused with what to give", (args, message) => {
    expect(() => parseQuietOptions(args, "results.json")).toThrow(message);
  });
});

describe("a quiet page", () => {
  test("of browser clients sleeps through their pings, and counts right when it is woken", async () => {
    const run = await measure({
      clients: "product",
      visitors: 20,
      quietMs: 1_000,
      heartbeatMs: 6_000,
      asleepMs: 11_500,
    });
    expect(run.isRight).toBe(true);
    expect(figuresOf(run)).toMatchObject({ objectRequestsAJoin: 1, rowsAJoin: 0, rowsALeave: 0 });
    expect(run.quiet.meter).toMatchObject({ fetches: 0, closes: 0, alarms: 0, rowsWritten: 0 });
    expect(run.asleep?.meter).toEqual(emptyMeter());
    // Each of them pinged in that time.
    expect(run.asleep?.talk.pongs).toBeGreaterThanOrEqual(20);
    expect(run.awake?.meter).toMatchObject({ constructed: 1, fetches: 1, rowsWritten: 0 });
  });

  test("of contract clients is woken by every heartbeat, and writes two rows when nobody stays", async () => {
    const run = await measure({
      clients: "contract",
      visitors: 10,
      quietMs: 3_000,
      heartbeatMs: 1_500,
    });
    expect(run.isRight).toBe(true);
    expect(run.asleep).toBeNull();
    expect(run.quiet.talk.pings).toBe(0);
    expect(run.quiet.talk.heartbeats).toBeGreaterThanOrEqual(10);
    expect(run.join.meter.rowsWritten + run.leave.meter.rowsWritten).toBe(2);
  });
});

describe("a site whose visitors come and go", () => {
  test("is counted right on all its pages, and writes nothing", async () => {
    const options = { visitors: 20, pages: 4, visitMs: 2_000, measureMs: 2_000, settleMs: 1_000 };
    const plain = await measureSite(options);
    expect(plain.isRight).toBe(true);
    expect(plain.joins).toBeGreaterThan(0);
    expect(plain.leaves).toBeGreaterThan(0);
    expect(plain.meter).toMatchObject({ alarms: 0, calls: 0, rowsWritten: 0 });
  });
});

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { describeMachine } from "../src/machine.ts";
import { checks } from "../src/report/checks.ts";
import { withPart } from "../src/report/document.ts";
import { stormPlot } from "../src/report/plot.ts";
import { stormSection } from "../src/report/storm-sections.ts";
import { saveFindings } from "../src/results.ts";
import type { StormResult } from "../src/scenarios/storm.ts";
import { emptyMeter } from "../workers/counters.ts";

interface StormFacts {
  readonly contestant: string;
  readonly size?: number;
  readonly shownMs: number | null;
  readonly counts: number;
}

function storm({ contestant, size = 1_000, shownMs, counts }: StormFacts): StormResult {
  const usage = { wallMs: 1_000, cpuMs: 300, lagMaxMs: 5, lagP99Ms: 2 };
  return {
    contestant,
    size,
    shownMs,
    openedMs: shownMs,
    admitted: shownMs === null ? 700 : size,
    correct: shownMs === null ? 0 : size,
    refusal: "",
    kbPerSocket: 100,
    moved: 0,
    turnedAway: 0,
    spent: {
      wallMs: 1_000,
      cpuMs: 500,
      rssKb: 1,
      rssGrowthKb: 1,
      peakRssKb: 204_800,
      counts,
      pongs: 0,
      bytes: 1,
      meter: emptyMeter(),
      generator: usage,
    },
  };
}

const OURS = storm({ contestant: "ours", shownMs: 500, counts: 4_000 });
const NAIVE = storm({ contestant: "naive", shownMs: 15_000, counts: 500_500 });
const PARTY = storm({ contestant: "partyserver", shownMs: null, counts: 300_000 });

test("each server stands beside ours of the same size", () => {
  const small = storm({ contestant: "ours", size: 100, shownMs: 50, counts: 200 });
  const rows = stormSection([small, OURS, NAIVE]).split("\n");

  expect(rows.find((row) => row.includes("1,000 naive"))).toMatch(
    /15 s \|\s+30x \|\s+500,500 \|\s+125x \|\s+500 ms \|\s+1x \|\s+100 \|\s+200 MB/,
  );
});

test("who did not finish is at least as far behind as the time that it had", () => {
  const row = stormSection([OURS, PARTY])
    .split("\n")
    .find((line) => line.includes("partyserver"));

  expect(row).toMatch(/not in 60 s, 700 in \|\s+> 120x \|\s+> 300,000 \|\s+> 75x/);
});

test("a promise that was not kept is told as such", () => {
  const slow = storm({ contestant: "ours", shownMs: 1_500, counts: 4_000 });
  const base = { machine: describeMachine(), measuredOn: "2026-01-01" };
  const held = checks({ ...base, storm: [OURS, NAIVE] }).map(({ what, isHeld }) => [what, isHeld]);
  const broken = checks({ ...base, storm: [slow, NAIVE] }).filter(({ isHeld }) => !isHeld);

  expect(held).toStrictEqual([
    ["1,000 visitors join at once", true],
    ["faster than naive, 1,000 at once", true],
    ["fewer messages than naive, 1,000 at once", true],
  ]);
  expect(broken.map(({ what, measured }) => `${what}: ${measured}`)).toStrictEqual([
    "1,000 visitors join at once: 1.5 s",
    "faster than naive, 1,000 at once: 10x",
  ]);
});

test("results are put between their markers, and nothing else is touched", () => {
  const text =
    "# Title\n\n<!-- results: written by npm run bench -->\nold\n<!-- end of results -->\n\nEnd.\n";

  expect(withPart(text, "new")).toBe(
    "# Title\n\n<!-- results: written by npm run bench -->\n\nnew\n\n<!-- end of results -->\n\nEnd.\n",
  );
  expect(withPart(withPart(text, "new"), "new")).toBe(withPart(text, "new"));
  expect(() => withPart("# Title\n", "new")).toThrow("the document has no place for results");
});

test("saving one finding keeps those of earlier runs and of others", async () => {
  const dir = await mkdtemp(join(tmpdir(), "bench-results-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const path = join(dir, "results.json");
  const machine = describeMachine();
  await writeFile(path, JSON.stringify({ quiet: { kept: 1 } }));
  await saveFindings(path, { machine, measuredOn: "2026-01-01", storm: [OURS] });

  const all = await saveFindings(path, { machine, measuredOn: "2026-01-02", churn: [] });

  expect(all).toMatchObject({
    measuredOn: "2026-01-02",
    storm: [{ contestant: "ours" }],
    churn: [],
  });
  const written: unknown = JSON.parse(await readFile(path, "utf8"));
  expect(written).toMatchObject({ quiet: { kept: 1 }, bench: { storm: [{ shownMs: 500 }] } });
});

test("the plot marks who did not finish, and escapes what XML does not take", () => {
  const svg = stormPlot([OURS, NAIVE, PARTY]);

  expect(svg.match(/class="ours"/g)).toHaveLength(2);
  expect(svg.match(/class="cut"/g)).toHaveLength(2);
  expect(svg).toContain("not in 60 s");
  expect(svg).toContain("&gt; 300,000");
  expect(svg).not.toMatch(/NaN|undefined|> 300/);
});

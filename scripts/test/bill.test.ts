import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bill } from "../bill.ts";
import { renderDocs } from "../lib/bill/docs.ts";
import { estimate } from "../lib/bill/estimate.ts";
import { formatDollars } from "../lib/bill/format.ts";
import { PRICES, PRICES_READ_ON } from "../lib/bill/prices.ts";
import { SITES } from "../lib/bill/sites.ts";
import { capture } from "../lib/child.ts";
import { CHECKOUT } from "../lib/project.ts";

const BUSY = ["--visitors", "1000", "--pages", "100", "--minutes", "5"];

async function jsonOf(...args: string[]): Promise<unknown> {
  return JSON.parse(await bill([...args, "--json"]));
}

/** The lines of one section, up to an empty one. */
function section(text: string, start: string): string[] {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => line.startsWith(start));
  expect(first, `'${start}' is not in\n${text}`).toBeGreaterThanOrEqual(0);
  return lines.slice(first, lines.indexOf("", first));
}

describe("npm run bill", () => {
  test("says what a month costs, line by line and in total", async () => {
    expect(section(await bill(BUSY), "Paid plan")).toEqual([
      "Paid plan, a month:",
      "                                         used   included     price",
      "  the plan                                                          $5.00",
      "  Worker requests          8,640,000 requests       10 M   $0.30/M  $0.00",
      "  Worker CPU time                   17.3 M ms       30 M   $0.02/M  $0.00",
      "  Durable Object requests  8,981,451 requests  1,000,000   $0.15/M  $1.20",
      "  Durable Object duration         20,783 GB-s    400,000  $12.50/M  $0.00",
      "  Rows written                         0 rows       50 M   $1.00/M  $0.00",
      "  total                                                             $6.20",
      "  $6.20 when each line is rounded up to whole millions, as in Cloudflare's examples",
      "  $9.73 when each visitor leaves the tab and comes back once more",
    ]);
  });

  test("says where the free plan ends, under each reading of its rules", async () => {
    const lines = section(await bill(BUSY), "Free plan");
    expect(lines[0]).toBe(
      "Free plan: NOT enough, Durable Object requests are 299% of a day's cap; beyond it visitors are refused until 00:00 UTC",
    );
    expect(lines.slice(-4)).toEqual([
      "  as Cloudflare's pages read                         268 at once  (Durable Object requests)",
      "  if the daily cap counts each message as a request   54 at once  (Durable Object requests)",
      "  if answered pings count as messages                164 at once  (Durable Object requests)",
      "  if both                                             18 at once  (Durable Object requests)",
    ]);
  });

  test("says that the free plan is enough", async () => {
    const text = await bill(["--visitors", "5", "--pages", "100", "--minutes", "3"]);
    expect(text).toContain("Free plan: enough, Durable Object requests are 2.5% of a day's cap");
  });

  test("shows one plan when asked for one", async () => {
    const free = await bill([...BUSY, "--plan", "free"]);
    expect(free).toContain("\nFree plan");
    expect(free).not.toContain("\nPaid plan");
    const paid = await bill([...BUSY, "--plan", "paid"]);
    expect(paid).toContain("\nPaid plan");
    expect(paid).not.toContain("\nFree plan");
  });

  test("names what else is used only when it is", async () => {
    expect(await bill(BUSY)).not.toContain("reads over HTTP");
    const text = await bill([
      ...BUSY,
      "--reads-per-second",
      "10",
      "--site-count",
      "--contract-share",
      "1",
    ]);
    expect(text).toContain("  reads over HTTP ");
    expect(text).toContain("  the site total ");
    expect(text).toContain("  clients of the contract ");
    expect(text).toContain("if no cache helps readers");
  });

  test("says that a hot page is spread over objects, and what other designs cannot do", async () => {
    const text = await bill(["--visitors", "20000", "--minutes", "10"]);
    expect(text).toContain("each page spread over 16 objects");
    expect(text).toContain("  spreading a hot page ");
    expect(text).toContain("(a page asks more than one object can do)");
  });

  test("takes visits a day for visitors at once", async () => {
    const daily = ["--daily-visits", "288000", "--pages", "100", "--minutes", "5"];
    expect(await bill(daily)).toBe(await bill(BUSY));
  });

  test("gives everything as JSON", async () => {
    expect(await jsonOf(...BUSY)).toMatchObject({
      traffic: { visitors: 1_000, pages: 100, minutes: 5, hoursADay: 24, daysAMonth: 30 },
      visitsADay: 288_000,
      parts: { visits: { workerRequests: 288_000 } },
      caps: [{ meter: "objectRequests", cap: 100_000 }, {}, {}, {}],
      free: [{ key: "asBilled", end: { visitors: 268, meter: "objectRequests" } }, {}, {}, {}],
      designs: [{ key: "naive" }, { key: "accept" }, { key: "polling" }],
    });
  });

  test("gives a row of Markdown", async () => {
    const [header, rule, row, ...others] = (await bill([...BUSY, "--markdown"])).split("\n");
    expect(header).toMatch(/^\| {11}\| at once \| pages \|/);
    expect(rule).toMatch(/^\| -{9} \| -{6}: \| -{4}: \|/);
    expect(row).toMatch(
      /^\| Your site \| {3}1,000 \| {3}100 \| {3}5 min \| {6}288,000 \| no: 299% of a day; /,
    );
    expect(others).toEqual([]);
  });
});

describe("a command line that cannot be followed", () => {
  test.each<[string[], string]>([
    [[], "--visitors is missing; give --visitors 1000 or --daily-visits 50000"],
    [
      ["--visitors", "many"],
      "--visitors: 'many' cannot be used; give a number from 0 to 1000000000",
    ],
    [
      ["--visitors", "1", "--pages", "0"],
      "--pages: '0' cannot be used; give a whole number from 1",
    ],
    [["--visitors", "1", "--pages", "1.5"], "--pages: '1.5' cannot be used; give a whole number"],
    [
      ["--visitors", "1", "--minutes", "0"],
      "--minutes: '0' cannot be used; give a number from 0.05",
    ],
    [
      ["--visitors", "1", "--hours-a-day", "25"],
      "--hours-a-day: '25' cannot be used; give a number from 0.1 to 24",
    ],
    [
      ["--visitors", "1", "--contract-share", "50"],
      "--contract-share: '50' cannot be used; give a number from 0 to 1",
    ],
    [["--visitors", "1", "--plan", "pro"], "--plan: 'pro' is unknown; give free, paid or both"],
    [["--visitors", "1", "--json", "--markdown"], "--json and --markdown contradict each other"],
    [["--docs", "--pages", "3"], "--docs is about the typical sites; give it alone"],
    [
      ["--visitors", "1", "--daily-visits", "1"],
      "--visitors and --daily-visits say the same; give one of them",
    ],
    [["--vistors", "1"], "Unknown option '--vistors'"],
    [["--visitors=-1"], "--visitors: '-1' cannot be used"],
  ])("%j is refused with what to give instead", async (args, message) => {
    await expect(bill(args)).rejects.toThrow(message);
  });

  test("ends with code 2, the message alone and nothing on standard output", async () => {
    const script = join(CHECKOUT, "scripts/bill.ts");
    const { code, stdout, stderr } = await capture(process.execPath, [script, "--pages", "3"]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toBe("--visitors is missing; give --visitors 1000 or --daily-visits 50000\n");
  });

  test("may ask for help", async () => {
    expect(await bill(["--help"])).toMatch(/^Usage: npm run bill -- --visitors <n>/);
  });
});

describe("the prices", () => {
  test("each name the page of Cloudflare's that they were read on", () => {
    for (const { source } of Object.values(PRICES)) {
      expect(source).toMatch(/^https:\/\/developers\.cloudflare\.com\/[a-z/-]+\/pricing\/$/);
    }
  });
});

function read(path: string): Promise<string> {
  return readFile(join(CHECKOUT, path), "utf8");
}

describe("docs/cost.md", () => {
  test("has the tables that the command makes", async () => {
    const results: unknown = JSON.parse(await read("bench/results.json"));
    const text = await read("docs/cost.md");
    expect(text, "run npm run bill -- --docs").toBe(renderDocs(text, results));
  });

  test("says the same as the README", async () => {
    const readme = await read("README.md");
    const dollars = SITES.filter(({ name }) => ["A shop", "A large site"].includes(name)).map(
      ({ traffic }) => formatDollars(estimate(traffic).paid.dollars),
    );
    expect(dollars.filter((text) => !readme.includes(`${text} a month`))).toEqual([]);
    expect(dollars).toHaveLength(2);
  });

  test("names the day the prices were read", async () => {
    expect(await read("docs/cost.md")).toContain(PRICES_READ_ON);
  });

  test("must have a place for each table, and no other", async () => {
    const results: unknown = JSON.parse(await read("bench/results.json"));
    expect(() => renderDocs("", results)).toThrow("no place for sites, prices, measured, runs");
    const unknown = "<!-- bill:unknown -->\n<!-- bill:end -->";
    expect(() => renderDocs(unknown, results)).toThrow("there is no table 'unknown'");
  });
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { totalOf, usageOfOurs } from "../lib/bill/ours.ts";
import { TRAFFIC_DEFAULTS } from "../lib/bill/traffic.ts";
import type { Usage } from "../lib/bill/usage.ts";
import { CHECKOUT } from "../lib/project.ts";

// What `node bench/src/quiet/main.ts` has measured, beside what the model says of the same page.

/** Visitors beat at random moments, so that ten minutes have more or fewer of rare events. */
const RANDOM = 0.35;
/** What clocks and the ends of a run blur. */
const EXACT = 0.02;
/** The model takes last beats as evenly spread; those of a run are as they happened to join. */
const ALARMS = 0.1;

const NAMES = [
  "objectRequestsAJoin",
  "rowsAJoin",
  "eventsALeave",
  "rowsALeave",
  "messagesAVisitorHour",
  "wakeUpsAVisitorHour",
  "pingsAVisitorHour",
  "alarmsAnHour",
  "rowsAnHour",
] as const;

type Figures = { readonly [name in (typeof NAMES)[number]]: number };

interface Measured {
  readonly visitors: number;
  readonly isRight: boolean;
  readonly figures: Figures;
}

let results: unknown;

beforeAll(async () => {
  results = JSON.parse(await readFile(join(CHECKOUT, "bench/results.json"), "utf8"));
});

function at(value: unknown, ...keys: string[]): unknown {
  let found = value;
  for (const key of keys) {
    found =
      typeof found === "object" && found !== null
        ? Object.getOwnPropertyDescriptor(found, key)?.value
        : undefined;
  }
  return found;
}

function measured(clients: "product" | "contract"): Measured {
  const run = at(results, "quiet", clients);
  const number = (name: string): number => {
    const value = at(run, "figures", name);
    if (typeof value !== "number") throw new Error(`bench/results.json has no ${clients} ${name}`);
    return value;
  };
  const figures = {
    objectRequestsAJoin: number("objectRequestsAJoin"),
    rowsAJoin: number("rowsAJoin"),
    eventsALeave: number("eventsALeave"),
    rowsALeave: number("rowsALeave"),
    messagesAVisitorHour: number("messagesAVisitorHour"),
    wakeUpsAVisitorHour: number("wakeUpsAVisitorHour"),
    pingsAVisitorHour: number("pingsAVisitorHour"),
    alarmsAnHour: number("alarmsAnHour"),
    rowsAnHour: number("rowsAnHour"),
  };
  return { visitors: Number(at(run, "visitors")), isRight: at(run, "isRight") === true, figures };
}

/** An hour of a page with so many visitors on which almost nobody comes or goes. */
function modelledHour(visitors: number, contractShare: number): Usage {
  const traffic = { ...TRAFFIC_DEFAULTS, visitors, pages: 1, minutes: 1e9, hoursADay: 1 };
  return totalOf(usageOfOurs({ ...traffic, contractShare }));
}

/** By which share of what was expected a value is off. */
function error(value: number, expected: number): number {
  return Math.abs(value - expected) / expected;
}

describe("a quiet page of browser clients", () => {
  test("was counted right, while it was quiet and after it had slept", () => {
    expect(measured("product").isRight).toBe(true);
  });

  test("costs the requests that the model says, to join and to leave", () => {
    const { figures } = measured("product");
    expect(figures).toMatchObject({ objectRequestsAJoin: 1, rowsAJoin: 0, rowsALeave: 0 });
    expect(error(figures.eventsALeave, 1)).toBeLessThanOrEqual(EXACT);
  });

  test("has its object woken as often as the model says, and at most every other visitor-hour", () => {
    const { visitors, figures } = measured("product");
    const { objectMessages, rowsWritten } = modelledHour(visitors, 0);
    expect(error(figures.messagesAVisitorHour, objectMessages / visitors)).toBeLessThanOrEqual(
      RANDOM,
    );
    expect(figures.wakeUpsAVisitorHour).toBeLessThanOrEqual(0.5);
    expect(figures.rowsAnHour).toBe(Math.round(rowsWritten));
    expect(error(figures.pingsAVisitorHour, 180)).toBeLessThanOrEqual(EXACT);
  });
});

describe("a quiet page of contract clients", () => {
  test("was counted right", () => {
    expect(measured("contract").isRight).toBe(true);
  });

  test("costs a row when the first comes and a row when the last leaves", () => {
    const { visitors, figures } = measured("contract");
    expect(figures.objectRequestsAJoin).toBe(1);
    expect(figures.rowsAJoin * visitors).toBe(1);
    expect(figures.rowsALeave * visitors).toBe(1);
  });

  test("has the messages, alarms and rows that the model says", () => {
    const { visitors, figures } = measured("contract");
    const { objectMessages, objectRequests, rowsWritten } = modelledHour(visitors, 1);
    expect(error(figures.messagesAVisitorHour, objectMessages / visitors)).toBeLessThanOrEqual(
      EXACT,
    );
    expect(error(figures.alarmsAnHour, objectRequests)).toBeLessThanOrEqual(ALARMS);
    expect(error(figures.rowsAnHour, rowsWritten)).toBeLessThanOrEqual(ALARMS);
  });
});

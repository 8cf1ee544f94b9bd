import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CountServer } from "../support/lifecycle/count-server.ts";
import { Lab, WHOLE_CHROMIUM } from "../support/lifecycle/lab.ts";
import { report } from "../support/lifecycle/report.ts";
import type { ClientName } from "../support/lifecycle/site.ts";
import { nowMs } from "../support/lifecycle/watched.ts";

/** Promised from the moment that the page is back until it is counted. */
const BACK_WITHIN_MS = 100;

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(() => lab[Symbol.asyncDispose]());

describe.skipIf(WHOLE_CHROMIUM === null)("a page in the back/forward cache", () => {
  test("is not counted, and is again within 100 ms of its return; the naive one stays counted", async () => {
    await using pair = await lab.both();
    const { ours, naive } = pair;
    await pair.each((visit) => visit.counted());
    const leftMs = nowMs();
    await pair.each(({ tab }) => tab.navigate(lab.site.url("/another")));
    await ours.server.until("left, the page is not counted", () => ours.server.count === 0);
    report("left when navigated", (ours.server.all("close")[0]?.atMs ?? Number.NaN) - leftMs);
    expect(naive.server.count).toBe(1);

    const backMs: number[] = [];
    for (let round = 1; round <= 5; round++) {
      await ours.tab.goBack();
      await ours.server.until("back, it is counted", () => ours.server.opened === round + 1);
      // Restored as it was, not loaded again.
      await ours.tab.shows("window.restoredMs !== undefined", true);
      const restoredMs = Number(await ours.tab.evaluate("restoredMs"));
      backMs.push((ours.server.all("open")[round]?.atMs ?? Number.NaN) - restoredMs);
      await ours.counted();
      await ours.tab.navigate(lab.site.url("/another"));
      await ours.server.until("left again", () => ours.server.count === 0);
    }
    const [shortest = Number.NaN, , median = Number.NaN, , longest = Number.NaN] = backMs.toSorted(
      (a, b) => a - b,
    );
    report("counted after return, shortest of 5", shortest);
    report("counted after return, median of 5", median);
    report("counted after return, longest of 5", longest);
    // Not the longest: a machine that is busy with something else stops now and then.
    expect(median).toBeLessThan(BACK_WITHIN_MS);
  });

  test("the naive client learns only on return that its connection is long gone", async () => {
    await using naive = await lab.visit("naive");
    await naive.counted();
    await naive.tab.navigate(lab.site.url("/another"));
    await naive.tab.goBack();
    await naive.tab.shows("window.restoredMs !== undefined", true);
    await naive.server.until("the naive client is back", () => naive.server.opened === 2);
    const restoredMs = Number(await naive.tab.evaluate("restoredMs"));
    const backMs = (naive.server.all("open")[1]?.atMs ?? Number.NaN) - restoredMs;
    report("naive: counted after return", backMs);
    expect(backMs).toBeGreaterThan(BACK_WITHIN_MS);
  });
});

test("a closed tab is not counted any more, at once", async () => {
  await using server = await CountServer.start();
  const visit = await lab.visit("ours", { server });
  await visit.counted();
  const closedMs = nowMs();
  await visit[Symbol.asyncDispose]();
  await server.until("closed, the page is not counted", () => server.count === 0);
  expect(server.log.map(({ what }) => what).filter((what) => what !== "message")).toEqual([
    "open",
    "close",
  ]);
  report("left after closing", (server.all("close")[0]?.atMs ?? Number.NaN) - closedMs);
});

interface PrerenderedVisit {
  readonly server: CountServer;
  /** Resolves when the page has reported it. */
  readonly told: (what: string) => Promise<void>;
}

/** Has the browser prerender the client's page and report; then goes there. */
async function prerender(client: ClientName): Promise<PrerenderedVisit> {
  const server = await CountServer.start();
  const query = { with: JSON.stringify({ endpoint: server.url }), report: client };
  const target = lab.site.url(`/${client}/prerendered`, query);
  const context = await lab.chromium.newContext();
  // DevTools would forbid it.
  await lab.chromium.openUnattached(lab.site.url("/prerender", { of: target }), context);
  const told = (what: string): Promise<void> => {
    const isTold = (): boolean => lab.site.reports.some(({ text }) => text === `${client}-${what}`);
    return lab.site.until(`${client}: ${what}`, isTold);
  };
  await told("prerendering");
  return { server, told };
}

describe("a page that is prerendered", () => {
  test("opens nothing until it is looked at; Chromium holds the naive one's connection back, too", async () => {
    const ours = await prerender("ours");
    const naive = await prerender("naive");
    expect([ours.server.log, naive.server.log]).toEqual([[], []]);

    lab.site.openGate();
    await Promise.all([ours.told("activated"), naive.told("activated")]);
    await ours.server.until("looked at, the page is counted", () => ours.server.count === 1);
    await naive.server.until("the naive client joins", () => naive.server.count === 1);
    expect(ours.server.opened).toBe(1);
    await Promise.all([ours, naive].map(({ server }) => server[Symbol.asyncDispose]()));
  });
});

describe("navigation in a single-page app", () => {
  test("moves the visitor to the page of the new path and back; the naive one stays behind", async () => {
    await using pair = await lab.both();
    const { ours, naive } = pair;
    await pair.each((visit) => visit.counted());
    const pages = (): string[] => ours.server.all("open").map(({ page }) => new URL(page).pathname);
    await pair.each(({ tab }) => tab.evaluate('history.pushState(null, "", "/elsewhere")'));
    await ours.server.until("the visitor is on the new page", () => ours.server.opened === 2);
    await ours.counted();
    expect([pages(), ours.server.count]).toEqual([["/ours/page", "/elsewhere"], 1]);

    await ours.tab.goBack();
    await ours.server.until("the visitor is back", () => ours.server.opened === 3);
    await ours.counted();
    expect([pages(), ours.server.count]).toEqual([["/ours/page", "/elsewhere", "/ours/page"], 1]);
    expect(naive.server.all("open").map(({ page }) => new URL(page).pathname)).toEqual([
      "/naive/page",
    ]);
  });

  test("of the query or the fragment changes nothing", async () => {
    await using visit = await lab.visit("ours");
    await visit.counted();
    await visit.tab.evaluate('history.pushState(null, "", "?sort=new#top")');
    await visit.tab.evaluate('location.hash = "#bottom"');
    // A change of path afterwards is the first that the server hears of.
    await visit.tab.evaluate('history.replaceState(null, "", "/elsewhere")');
    await visit.server.until("the visitor is elsewhere", () => visit.server.opened === 2);
    expect(visit.server.all("open").map(({ page }) => new URL(page).pathname)).toEqual([
      "/ours/page",
      "/elsewhere",
    ]);
  });
});

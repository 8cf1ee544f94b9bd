import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, test } from "vitest";
import { Lab, WHOLE_CHROMIUM } from "../support/lifecycle/lab.ts";
import { report } from "../support/lifecycle/report.ts";
import { nowMs } from "../support/lifecycle/watched.ts";

/** Longest that our client may take to come back when one visitor was cut off: jitter over 1,004 ms. */
const LONGEST_RETRY_MS = 1_004;
/** A hidden page's timers run once a second. */
const HIDDEN_TICK_MS = 1_000;

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(() => lab[Symbol.asyncDispose]());

/** They wait for seconds that are in the promise itself, so they wait together. */
describe.concurrent("a page that nobody sees", () => {
  test("leaves after 5 s and is counted at once when it is seen; the naive one stays counted", async ({
    expect,
  }) => {
    await using pair = await lab.both();
    const { ours, naive } = pair;
    await pair.each((visit) => visit.counted());
    await naive.hide();
    const hiddenMs = await ours.hide();
    await ours.server.until("hidden, the client leaves", () => ours.server.live === 0);
    const graceMs = (ours.server.all("close")[0]?.atMs ?? Number.NaN) - hiddenMs;
    report("left after hiding", graceMs);
    expect(graceMs).toBeGreaterThan(4_900);
    expect(await ours.status()).toBe("paused");

    const shownMs = await ours.show();
    await ours.counted();
    report("counted after showing", (ours.server.all("open")[1]?.atMs ?? Number.NaN) - shownMs);
    expect([ours.server.opened, ours.server.count]).toEqual([2, 1]);
    expect([naive.server.opened, naive.server.live]).toEqual([1, 1]);
  });

  test("stays connected when it is seen again within the grace time", async ({ expect }) => {
    await using visit = await lab.visit("ours");
    await visit.counted();
    await visit.hide();
    await visit.show();
    await sleep(5_000 + HIDDEN_TICK_MS);
    expect([visit.server.opened, visit.server.live]).toEqual([1, 1]);
  });

  test("does not reconnect while hidden, but does when seen; the naive one comes back hidden", async ({
    expect,
  }) => {
    await using pair = await lab.both();
    const { ours, naive } = pair;
    await pair.each((visit) => visit.counted());
    await pair.each((visit) => visit.hide());
    for (const { server } of [ours, naive]) server.drop(1012);
    await naive.server.until("the naive client is back", () => naive.server.opened === 2);
    await sleep(LONGEST_RETRY_MS + HIDDEN_TICK_MS);
    expect([ours.server.opened, await ours.status()]).toEqual([1, "paused"]);
    expect(await naive.tab.evaluate("document.hidden")).toBe(true);

    await ours.show();
    await ours.counted();
    expect(ours.server.opened).toBe(2);
  });

  test.skipIf(WHOLE_CHROMIUM === null)(
    "opens nothing in a tab in the background until it is looked at; the naive one is counted",
    async ({ expect }) => {
      await using pair = await lab.both();
      const { ours, naive } = pair;
      await pair.each((visit) => visit.counted());
      const background = await lab.visitInBackground("ours", ours.server);
      const naiveBackground = await lab.visitInBackground("naive", naive.server);
      await naive.server.until("the naive client joins", () => naive.server.opened === 2);
      await background.shows("document.readyState", "complete");
      expect(await background.evaluate("document.hidden")).toBe(true);
      expect(await background.evaluate("heard.map(({ status }) => status)")).toEqual(["paused"]);
      expect(ours.server.opened).toBe(1);
      expect(naive.server.count).toBe(2);
      await naiveBackground.close();

      await background.activate();
      await ours.server.until("the tab is counted", () => ours.server.count === 2);
    },
  );

  test("leaves when it is frozen and comes back when it is resumed; the naive one stays counted", async ({
    expect,
  }) => {
    await using pair = await lab.both();
    const { ours, naive } = pair;
    await pair.each((visit) => visit.counted());
    const frozenMs = nowMs();
    await pair.each(({ tab }) => tab.send("Page.setWebLifecycleState", { state: "frozen" }));
    await ours.server.until("frozen, the client leaves", () => ours.server.live === 0);
    report("left after freezing", (ours.server.all("close")[0]?.atMs ?? Number.NaN) - frozenMs);
    expect(naive.server.live).toBe(1);
    await pair.each(({ tab }) => tab.send("Page.setWebLifecycleState", { state: "active" }));
    // DevTools hide what they freeze, and do not show it again.
    expect(await ours.tab.evaluate("document.hidden")).toBe(true);
    await ours.hide();
    await ours.show();
    await ours.counted();
    expect([ours.server.opened, ours.server.live]).toEqual([2, 1]);
  });
});

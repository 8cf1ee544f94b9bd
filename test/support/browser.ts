import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Chromium, type Tab } from "./chromium.ts";
import { describeButtons } from "./demo/buttons.ts";
import { describeLooks } from "./demo/looks.ts";
import { COUNT, lastNews, RECORD, STATE } from "./demo/page.ts";

/** The demo page of a deployment in real Chromium. `SCREENSHOTS` names a folder to keep pictures in. */
export function describeDemoPage(
  deployment: () => { base: string; redeploy: () => Promise<void> },
): void {
  describe("the demo page in Chromium", () => {
    let chromium: Chromium;
    const open: Tab[] = [];
    beforeAll(async () => {
      chromium = await Chromium.launch();
    });
    afterEach(async () => {
      for (const tab of open.splice(0)) await tab.close();
    });
    afterAll(() => chromium.close());

    const visit = async (visitor: string): Promise<Tab> => {
      const tab = await chromium.open("about:blank", visitor);
      open.push(tab);
      await tab.send("Page.enable");
      await tab.send("Page.addScriptToEvaluateOnNewDocument", { source: RECORD });
      await tab.navigate(`${deployment().base}/`);
      return tab;
    };

    test("shows 1, still 1 with a second tab, and 2 with another visitor", async () => {
      const [ada, bob] = [await chromium.newContext(), await chromium.newContext()];
      const first = await visit(ada);
      await first.shows(COUNT, "1");
      const second = await visit(ada);
      await second.shows(COUNT, "1");
      const other = await visit(bob);
      await other.shows(COUNT, "2");
      await Promise.all([first.shows(COUNT, "2"), second.shows(COUNT, "2")]);
      expect(await first.evaluate("sockets.length")).toBe(1);
    });

    test("a hidden tab leaves after five seconds and is counted again when it is looked at", async () => {
      const [ada, bob] = [await chromium.newContext(), await chromium.newContext()];
      const watching = await visit(ada);
      const hiding = await visit(bob);
      await watching.shows(COUNT, "2");
      await hiding.setWindow("minimized");
      await hiding.shows("document.visibilityState", "hidden");
      await watching.shows(COUNT, "1", 10_000);
      expect(await hiding.evaluate(STATE)).toBe("paused");
      await hiding.setWindow("normal");
      await Promise.all([watching.shows(COUNT, "2"), hiding.shows(COUNT, "2")]);
      expect(await hiding.evaluate(lastNews(2))).toEqual([
        expect.stringMatching(
          /^You are back after \d+(\.\d)? m?s, counted \d+(\.\d)? ms later: 2 here now$/,
        ),
        expect.stringMatching(/^You left: this tab was hidden for [5-7]\.\d s$/),
      ]);
    });

    test("a closed tab is gone within a second", async () => {
      const [ada, bob] = [await chromium.newContext(), await chromium.newContext()];
      const stays = await visit(ada);
      const leaves = await visit(bob);
      await stays.shows(COUNT, "2");
      open.splice(open.indexOf(leaves), 1);
      await leaves.close();
      await stays.shows(COUNT, "1", 1_000);
    });

    test("visitors come back by themselves after a redeployment", async () => {
      const [ada, bob] = [await chromium.newContext(), await chromium.newContext()];
      const tabs = [await visit(ada), await visit(bob)];
      for (const tab of tabs) await tab.shows(COUNT, "2");
      await deployment().redeploy();
      for (const tab of tabs) {
        await tab.shows("sockets.length > 1 && sockets.at(-1).readyState", 1, 15_000);
        await tab.shows(COUNT, "2");
        await tab.shows(STATE, "live");
      }
    });

    const visitNew = async (): Promise<Tab> => visit(await chromium.newContext());
    describeButtons(visitNew);
    describeLooks(visitNew);
  });
}

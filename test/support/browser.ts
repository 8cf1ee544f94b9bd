import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Chromium, type Tab } from "./chromium.ts";

const COUNT = 'document.querySelector("#count").textContent';
const STATE = 'document.querySelector("#status").dataset.state';
/** Keeps every WebSocket that the page makes where a test can look. */
const RECORD_SOCKETS = `{
  const Native = WebSocket;
  window.sockets = [];
  window.WebSocket = class extends Native {
    constructor(...args) { super(...args); window.sockets.push(this); }
  };
}`;

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
      await tab.send("Page.addScriptToEvaluateOnNewDocument", { source: RECORD_SOCKETS });
      await tab.send("Page.navigate", { url: `${deployment().base}/` });
      await tab.shows("document.readyState", "complete");
      return tab;
    };

    test("shows 1, still 1 with a second tab, and 2 with another visitor", async () => {
      const [ada, bob] = [await chromium.newContext(), await chromium.newContext()];
      const first = await visit(ada);
      await first.shows(COUNT, "1");
      await takePicture(first, "one-visitor");
      const second = await visit(ada);
      await second.shows(COUNT, "1");
      const other = await visit(bob);
      await other.shows(COUNT, "2");
      await Promise.all([first.shows(COUNT, "2"), second.shows(COUNT, "2")]);
      await takePicture(first, "two-visitors");
      expect(await first.evaluate("sockets.length")).toBe(1);
    });

    test("a visitor added by the button is counted until it leaves", async () => {
      const tab = await visit(await chromium.newContext());
      await tab.shows(COUNT, "1");
      await tab.evaluate('document.querySelector("#add").click()');
      await tab.shows(COUNT, "2");
      await tab.evaluate('document.querySelector("#others button").click()');
      await tab.shows(COUNT, "1");
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

    test("fits a phone, in light and dark", async () => {
      const tab = await visit(await chromium.newContext());
      await tab.send("Emulation.setDeviceMetricsOverride", {
        width: 360,
        height: 740,
        deviceScaleFactor: 2,
        mobile: true,
      });
      await tab.shows(COUNT, "1");
      expect(await tab.evaluate("document.documentElement.scrollWidth")).toBe(360);
      await takePicture(tab, "phone-light");
      await tab.send("Emulation.setEmulatedMedia", {
        features: [{ name: "prefers-color-scheme", value: "dark" }],
      });
      expect(await tab.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(
        "rgb(18, 21, 27)",
      );
      await takePicture(tab, "phone-dark");
    });
  });
}

async function takePicture(tab: Tab, name: string): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await tab.screenshot(join(folder, `${name}.png`));
}

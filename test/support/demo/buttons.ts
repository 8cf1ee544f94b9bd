import { expect, test } from "vitest";
import { PRICES } from "../../../scripts/lib/bill/prices.ts";
import type { Tab } from "../chromium.ts";
import { COUNT, lastNews, press, setMedia, setScreen, takePicture, text } from "./page.ts";

/** What the buttons of the demo page do. @param visit opens it as another visitor */
export function describeButtons(visit: () => Promise<Tab>): void {
  test("a visitor added by the button is counted until it leaves, which takes no time", async () => {
    const tab = await visit();
    await tab.shows(COUNT, "1");
    await tab.shows(text("people"), "person is here now");
    await press(tab, "add");
    await tab.shows(COUNT, "2");
    await tab.shows(text("people"), "people are here now");
    expect(await tab.evaluate(text("drop"))).toBe("–");
    await tab.evaluate('document.querySelector("#guests button").click()');
    await tab.shows(COUNT, "1");
    expect(await tab.evaluate(text("drop"))).toMatch(/^\d+(\.\d)? ms$/);
    expect(await tab.evaluate(text("drop-note"))).toBe("after a goodbye");
  });

  test("a visit costs what Cloudflare lists for one request to the Worker and one to the object", async () => {
    const tab = await visit();
    await tab.shows(text("messages"), "1 / 2");
    const { workerRequests, objectRequests } = PRICES;
    const million = workerRequests.dollarsPerMillion + objectRequests.dollarsPerMillion;
    expect(await tab.evaluate(text("cost"))).toBe(`$${(million / 1_000_000).toFixed(8)}`);
    expect(await tab.evaluate(text("cost-note"))).toBe(`a million visits: $${million.toFixed(2)}`);
    expect(await tab.evaluate(text("round-trip"))).toMatch(/^\d+(\.\d)? ms$/);
  });

  test("100 visitors come, each over a connection of its own, and go", async () => {
    const tab = await visit();
    await tab.shows(COUNT, "1");
    await press(tab, "crowd");
    await tab.shows(COUNT, "101", 60_000);
    await tab.shows(text("crowd-note"), "All 100 are in.");
    expect(await tab.evaluate("sockets.length")).toBe(101);
    await setScreen(tab, 880, 1000);
    await takePicture(tab, "demo");
    await press(tab, "crowd");
    await tab.shows(COUNT, "1");
    await tab.shows("sockets.slice(1).every((socket) => socket.readyState > 1)", true);
  });

  test("a visitor whose network is cut is dropped for silence, and the clock says when", async () => {
    const tab = await visit();
    await tab.shows(COUNT, "1");
    await press(tab, "cut");
    await tab.shows(COUNT, "2");
    await tab.shows(text("drop-note"), "and still counted");
    await tab.shows(text("drop-note"), "after a silence", 95_000);
    await tab.shows(COUNT, "1");
    const news = await tab.evaluate(lastNews(8));
    const dropped = /^The server dropped Visitor 2 (\d+\.\d) s after its network was cut$/m;
    const [, seconds = ""] = dropped.exec(String(news).replaceAll(",", "\n")) ?? [];
    // Since its last ping, which came just before the cut.
    expect(Number(seconds)).toBeGreaterThan(44);
    expect(await tab.evaluate(text("drop"))).toBe(`${seconds} s`);
    expect(news).toContainEqual(
      expect.stringMatching(/^Visitor 2’s own page noticed after 2\d\.\d s: /),
    );
    expect(await tab.evaluate("sockets.length")).toBe(2);
    await setScreen(tab, 880, 1000);
    await setMedia(tab, "prefers-color-scheme", "dark");
    await takePicture(tab, "demo-dark");
  });

  test("the keyboard reaches and works every button", async () => {
    const tab = await visit();
    await tab.shows(COUNT, "1");
    const reached: unknown[] = [];
    for (let times = 0; times < 4; times++) {
      await key(tab, "Tab");
      reached.push(await tab.evaluate("document.activeElement.id"));
      if (reached.at(-1) === "add") await key(tab, "Enter");
    }
    expect(reached).toEqual(["tab", "add", "crowd", "cut"]);
    await tab.shows(COUNT, "2");
  });
}

async function key(tab: Tab, name: "Tab" | "Enter"): Promise<void> {
  const code = name === "Tab" ? 9 : 13;
  const typed = name === "Enter" ? { text: "\r" } : {};
  const pressed = { key: name, code: name, windowsVirtualKeyCode: code };
  await tab.send("Input.dispatchKeyEvent", { type: "keyDown", ...pressed, ...typed });
  await tab.send("Input.dispatchKeyEvent", { type: "keyUp", ...pressed });
}

import { expect, test } from "vitest";
import type { Tab } from "../chromium.ts";
import { COUNT, press, setMedia, setScreen, takePicture, text } from "./page.ts";

/** How the demo page looks. @param visit opens it as another visitor */
export function describeLooks(visit: () => Promise<Tab>): void {
  test("fits a phone, in light and dark", async () => {
    const tab = await visit();
    await setScreen(tab, 360, 740);
    await press(tab, "add");
    await press(tab, "add");
    await tab.shows(COUNT, "3");
    expect(await tab.evaluate("document.documentElement.scrollWidth")).toBe(360);
    await takePicture(tab, "demo-phone");
    await setMedia(tab, "prefers-color-scheme", "dark");
    expect(await tab.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(
      "rgb(18, 21, 27)",
    );
    await takePicture(tab, "demo-phone-dark");
  });

  test("nothing moves for those who asked for less motion", async () => {
    const tab = await visit();
    await tab.shows(COUNT, "1");
    await setMedia(tab, "prefers-reduced-motion", "reduce");
    await press(tab, "add");
    await tab.shows(COUNT, "2");
    expect(await tab.evaluate("moves")).toBe(0);
    await setMedia(tab, "prefers-reduced-motion", "no-preference");
    await press(tab, "add");
    await tab.shows(COUNT, "3");
    expect(await tab.evaluate("moves")).toBe(1);
  });

  test("loads nothing but itself", async () => {
    const tab = await visit();
    await tab.shows(COUNT, "1");
    const loaded = 'performance.getEntriesByType("resource").map(({ name }) => name)';
    expect(await tab.evaluate(loaded)).toEqual([]);
  });

  test("shows a script tag that loads the counter", async () => {
    const tab = await visit();
    const [, src = ""] = /src="([^"]+)"/.exec(String(await tab.evaluate(text("snippet")))) ?? [];
    const response = await fetch(src);
    expect(response.headers.get("Content-Type")).toMatch(/^text\/javascript/);
    expect(await response.text()).toContain('"visitor-count"');
  });
}

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Tab } from "../chromium.ts";

export const COUNT: string = text("count");
export const STATE = 'document.querySelector("#status").dataset.state';

/** Keeps the WebSockets that the page makes, and how often it moves something, for tests to see. */
export const RECORD = `{
  const Native = WebSocket;
  window.sockets = [];
  window.WebSocket = class extends Native {
    constructor(...args) { super(...args); window.sockets.push(this); }
  };
  const { animate } = Element.prototype;
  window.moves = 0;
  Element.prototype.animate = function (...args) { moves++; return animate.apply(this, args); };
}`;

/** The expression of what stands in an element. */
export function text(id: string): string {
  return `document.querySelector("#${id}").textContent`;
}

/** The expression of the newest lines of the log. */
export function lastNews(lines: number): string {
  return `[...document.querySelectorAll("#log span")].slice(0, ${lines}).map((e) => e.textContent)`;
}

export async function press(tab: Tab, id: string): Promise<void> {
  await tab.evaluate(`document.querySelector("#${id}").click()`);
}

/** Keeps a picture where `SCREENSHOTS` names a folder. */
export async function takePicture(tab: Tab, name: string): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  if (folder === undefined) return;
  await tab.send("Emulation.setScrollbarsHidden", { hidden: true });
  await mkdir(folder, { recursive: true });
  await tab.screenshot(join(folder, `${name}.png`));
}

/** Gives the page a screen of this size, with two pixels to each of CSS. */
export async function setScreen(tab: Tab, width: number, height: number): Promise<void> {
  const screen = { width, height, deviceScaleFactor: 2, mobile: width < 500 };
  await tab.send("Emulation.setDeviceMetricsOverride", screen);
}

export async function setMedia(tab: Tab, name: string, value: string): Promise<void> {
  await tab.send("Emulation.setEmulatedMedia", { features: [{ name, value }] });
}

import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import chromium from "@sparticuz/chromium";
import { BrowserCommands, printedUrl, type Result, untilShown } from "./browser-commands.ts";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--remote-debugging-port=0",
];

export interface ChromiumOptions {
  /** Binary to run. @default `CHROMIUM` of the environment, or the one from npm */
  readonly binary?: string | undefined;
  /** Added to the command line. @default none */
  readonly flags?: readonly string[];
}

/**
 * A real Chromium over the DevTools protocol, without a driver that keeps every page visible: that
 * is what hidden tabs need. `CHROMIUM` names another binary than the one from npm.
 */
export class Chromium {
  readonly #process: ChildProcess;
  readonly #commands: BrowserCommands;
  readonly #folder: string;

  static async launch({ binary, flags = [] }: ChromiumOptions = {}): Promise<Chromium> {
    const file = binary ?? process.env["CHROMIUM"] ?? (await chromium.executablePath());
    const folder = await mkdtemp(join(tmpdir(), "visitor-tracker-chromium-"));
    const args = [...FLAGS, ...flags, `--user-data-dir=${folder}`, "about:blank"];
    const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
    const url = await printedUrl("Chromium", child, /DevTools listening on (ws:\S+)/);
    const commands = await BrowserCommands.connect(url);
    return new Chromium(child, commands, folder);
  }

  private constructor(child: ChildProcess, commands: BrowserCommands, folder: string) {
    this.#process = child;
    this.#commands = commands;
    this.#folder = folder;
  }

  /** Sends a DevTools command. Rejects with the browser's own message. */
  async send(method: string, params: Result = {}, sessionId?: string): Promise<Result> {
    const message = await this.#commands.send({ method, params, sessionId });
    if (message["error"] !== undefined)
      throw new Error(`${method}: ${JSON.stringify(message["error"])}`);
    return { ...asRecord(message["result"]) };
  }

  /** A profile of its own: another visitor, with other storage. */
  async newContext(): Promise<string> {
    return String((await this.send("Target.createBrowserContext"))["browserContextId"]);
  }

  /** Opens a tab, in a window of its own so that it can be hidden alone. */
  async open(url: string, browserContextId: string): Promise<Tab> {
    return await this.attach(await this.openUnattached(url, browserContextId));
  }

  /**
   * The same without DevTools, which change what they look at: a page that they are attached to is
   * not prerendered, nor does it prerender.
   * @returns the tab's target
   */
  async openUnattached(url: string, browserContextId: string): Promise<string> {
    const options = { url, browserContextId, newWindow: true };
    return String((await this.send("Target.createTarget", options))["targetId"]);
  }

  /** Opens a tab before the others of the profile, which that hides. @returns its target */
  async openInFront(url: string, browserContextId: string): Promise<string> {
    const options = { url, browserContextId };
    return String((await this.send("Target.createTarget", options))["targetId"]);
  }

  /** Opens a tab behind the others of the profile, as a click with Ctrl does. @returns its target */
  async openInBackground(url: string, browserContextId: string): Promise<string> {
    const options = { url, browserContextId, background: true };
    return String((await this.send("Target.createTarget", options))["targetId"]);
  }

  async attach(targetId: string): Promise<Tab> {
    const session = await this.send("Target.attachToTarget", { targetId, flatten: true });
    return new Tab(this, targetId, String(session["sessionId"]));
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill();
    await ended;
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export class Tab {
  readonly #browser: Chromium;
  readonly #targetId: string;
  readonly #sessionId: string;

  constructor(browser: Chromium, targetId: string, sessionId: string) {
    this.#browser = browser;
    this.#targetId = targetId;
    this.#sessionId = sessionId;
  }

  send(method: string, params: Result = {}): Promise<Result> {
    return this.#browser.send(method, params, this.#sessionId);
  }

  /** The value of an expression in the page; a promise is awaited. */
  async evaluate(expression: string): Promise<unknown> {
    const options = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", options);
    if (exceptionDetails !== undefined)
      throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return asRecord(result)["value"];
  }

  /** Resolves when the expression has the value; rejects with the last one after `withinMs`. */
  shows(expression: string, expected: unknown, withinMs = 5_000): Promise<void> {
    return untilShown(this, expression, expected, withinMs);
  }

  async navigate(url: string): Promise<void> {
    await this.send("Page.navigate", { url });
    await this.shows("document.readyState", "complete");
  }

  /** To the entry before in the tab's history; does not wait for it. */
  async goBack(): Promise<void> {
    await this.evaluate("void setTimeout(() => history.back())");
  }

  /** Really hides the tab, or shows it again: `document.visibilityState` follows. */
  async setWindow(windowState: "minimized" | "normal"): Promise<void> {
    const { windowId } = await this.#browser.send("Browser.getWindowForTarget", {
      targetId: this.#targetId,
    });
    await this.#browser.send("Browser.setWindowBounds", { windowId, bounds: { windowState } });
  }

  /** Brings it before the other tabs of its window. */
  async activate(): Promise<void> {
    await this.#browser.send("Target.activateTarget", { targetId: this.#targetId });
  }

  /** Has the browser say that the network is gone: events and requests, not what is open already. */
  async setOffline(offline: boolean): Promise<void> {
    const anySpeed = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await this.send("Network.emulateNetworkConditions", { offline, ...anySpeed });
    await this.shows("navigator.onLine", !offline);
  }

  async screenshot(file: string): Promise<void> {
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    await writeFile(file, Buffer.from(String(data), "base64"));
  }

  async close(): Promise<void> {
    await this.#browser.send("Target.closeTarget", { targetId: this.#targetId });
  }
}

function asRecord(value: unknown): Result {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

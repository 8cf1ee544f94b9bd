import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BrowserCommands, printedUrl, type Result, untilShown } from "../browser-commands.ts";
import { findInstalled } from "./installed.ts";

/** `FIREFOX` of the environment, or Debian's or anybody's on PATH; null where there is none. */
export const FIREFOX: string | null =
  process.env["FIREFOX"] ?? findInstalled("firefox-esr", "firefox");

/** It asks nobody on the network, and finds every `insecure.test` on this machine. */
const PREFERENCES = {
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.region.network.url": "",
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.dns.localDomains": "insecure.test",
  "services.settings.server": "",
  "toolkit.telemetry.enabled": false,
};

/** A real Firefox over WebDriver BiDi: https://w3c.github.io/webdriver-bidi/ */
export class Firefox implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #commands: BrowserCommands;
  readonly #folder: string;

  static async launch(binary: string): Promise<Firefox> {
    const folder = await mkdtemp(join(tmpdir(), "visitor-tracker-firefox-"));
    const lines = Object.entries(PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
    );
    await writeFile(join(folder, "user.js"), lines.join("\n"));
    const args = ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", folder];
    const child = spawn(binary, args, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, HOME: folder },
    });
    const url = await printedUrl("Firefox", child, /WebDriver BiDi listening on (ws:\S+)/);
    const commands = await BrowserCommands.connect(`${url}/session`);
    const firefox = new Firefox(child, commands, folder);
    await firefox.send("session.new", { capabilities: {} });
    return firefox;
  }

  private constructor(child: ChildProcess, commands: BrowserCommands, folder: string) {
    this.#process = child;
    this.#commands = commands;
    this.#folder = folder;
  }

  /** Sends a command. Rejects with the browser's own message. */
  async send(method: string, params: Result = {}): Promise<Result> {
    const message = await this.#commands.send({ method, params });
    if (message["type"] === "error") throw new Error(`${method}: ${String(message["message"])}`);
    return { ...Object(message["result"]) };
  }

  /** Opens a window with the page, so that it is seen whatever the others are. */
  async open(url: string): Promise<FirefoxTab> {
    const { context } = await this.send("browsingContext.create", { type: "window" });
    const tab = new FirefoxTab(this, String(context));
    await tab.navigate(url);
    return tab;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill();
    await ended;
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export class FirefoxTab {
  readonly #browser: Firefox;
  readonly #context: string;

  constructor(browser: Firefox, context: string) {
    this.#browser = browser;
    this.#context = context;
  }

  async navigate(url: string): Promise<void> {
    const options = { context: this.#context, url, wait: "complete" };
    await this.#browser.send("browsingContext.navigate", options);
  }

  async goBack(): Promise<void> {
    const options = { context: this.#context, delta: -1 };
    await this.#browser.send("browsingContext.traverseHistory", options);
  }

  /** The value of an expression in the page, as JSON has it; a promise is awaited. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.#browser.send("script.evaluate", {
      expression: `(async () => JSON.stringify([await (${expression})]))()`,
      target: { context: this.#context },
      awaitPromise: true,
    });
    if (answer["type"] === "exception") {
      throw new Error(`${expression}: ${JSON.stringify(answer["exceptionDetails"])}`);
    }
    const [value]: unknown[] = JSON.parse(String(Object(answer["result"]).value));
    return value;
  }

  /** Resolves when the expression has the value; rejects with the last one after `withinMs`. */
  shows(expression: string, expected: unknown, withinMs = 20_000): Promise<void> {
    return untilShown(this, expression, expected, withinMs);
  }

  /** Opens a tab before it in its window. */
  async hide(): Promise<void> {
    const options = { type: "tab", referenceContext: this.#context };
    const { context } = await this.#browser.send("browsingContext.create", options);
    await this.#browser.send("browsingContext.activate", { context });
    await this.shows("document.hidden", true);
  }

  async show(): Promise<void> {
    await this.#browser.send("browsingContext.activate", { context: this.#context });
    await this.shows("document.hidden", false);
  }
}

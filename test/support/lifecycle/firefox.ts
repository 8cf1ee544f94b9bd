import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { findInstalled } from "./installed.ts";

/** `FIREFOX` of the environment, or Debian's or anybody's on PATH; null where there is none. */
export const FIREFOX: string | null =
  process.env["FIREFOX"] ?? findInstalled("firefox-esr", "firefox");

type Result = Record<string, unknown>;

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
  readonly #socket: WebSocket;
  readonly #folder: string;
  readonly #pending = new Map<number, (message: Result) => void>();
  #lastId = 0;

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
    const socket = new WebSocket(`${await bidiUrl(child)}/session`);
    await once(socket, "open");
    const firefox = new Firefox(child, socket, folder);
    await firefox.send("session.new", { capabilities: {} });
    return firefox;
  }

  private constructor(child: ChildProcess, socket: WebSocket, folder: string) {
    this.#process = child;
    this.#socket = socket;
    this.#folder = folder;
    socket.on("message", (data: Buffer) => {
      const message: Result = JSON.parse(data.toString("utf8"));
      const id = Number(message["id"]);
      this.#pending.get(id)?.(message);
      this.#pending.delete(id);
    });
  }

  /** Sends a command. Rejects with the browser's own message. */
  async send(method: string, params: Result = {}): Promise<Result> {
    const id = (this.#lastId += 1);
    const message = await new Promise<Result>((resolve) => {
      this.#pending.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
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
  async shows(expression: string, expected: unknown, withinMs = 20_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const value = await this.evaluate(expression);
      if (value === expected) return;
      if (Date.now() > deadline) {
        const [is, not] = [JSON.stringify(value), JSON.stringify(expected)];
        throw new Error(`${expression} is ${is}, not ${not}`);
      }
      await this.evaluate("new Promise((resolve) => setTimeout(resolve, 20))");
    }
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

function bidiUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
      const url = /WebDriver BiDi listening on (ws:\S+)/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`Firefox did not start: ${output}`)));
  });
}

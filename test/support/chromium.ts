import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import chromium from "@sparticuz/chromium";
import { WebSocket } from "ws";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--remote-debugging-port=0",
];

type Result = Record<string, unknown>;

/**
 * A real Chromium over the DevTools protocol, without a driver that keeps every page visible: that
 * is what hidden tabs need. `CHROMIUM` names another binary than the one from npm.
 */
export class Chromium {
  readonly #process: ChildProcess;
  readonly #socket: WebSocket;
  readonly #folder: string;
  readonly #pending = new Map<number, (message: Result) => void>();
  #lastId = 0;

  static async launch(): Promise<Chromium> {
    const binary = process.env["CHROMIUM"] ?? (await chromium.executablePath());
    const folder = await mkdtemp(join(tmpdir(), "visitor-tracker-chromium-"));
    const child = spawn(binary, [...FLAGS, `--user-data-dir=${folder}`, "about:blank"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const socket = new WebSocket(await debuggerUrl(child));
    await new Promise((resolve) => socket.once("open", resolve));
    return new Chromium(child, socket, folder);
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

  /** Sends a DevTools command. Rejects with the browser's own message. */
  async send(method: string, params: Result = {}, sessionId?: string): Promise<Result> {
    const id = (this.#lastId += 1);
    const message = await new Promise<Result>((resolve) => {
      this.#pending.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
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
    const target = await this.send("Target.createTarget", {
      url,
      browserContextId,
      newWindow: true,
    });
    const targetId = String(target["targetId"]);
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
  async shows(expression: string, expected: unknown, withinMs = 5_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const value = await this.evaluate(expression);
      if (value === expected) return;
      if (Date.now() > deadline) {
        throw new Error(
          `${expression} is ${JSON.stringify(value)}, not ${JSON.stringify(expected)}`,
        );
      }
      await this.evaluate("new Promise((resolve) => setTimeout(resolve, 20))");
    }
  }

  /** Really hides the tab, or shows it again: `document.visibilityState` follows. */
  async setWindow(windowState: "minimized" | "normal"): Promise<void> {
    const { windowId } = await this.#browser.send("Browser.getWindowForTarget", {
      targetId: this.#targetId,
    });
    await this.#browser.send("Browser.setWindowBounds", { windowId, bounds: { windowState } });
  }

  async screenshot(file: string): Promise<void> {
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    await writeFile(file, Buffer.from(String(data), "base64"));
  }

  async close(): Promise<void> {
    await this.#browser.send("Target.closeTarget", { targetId: this.#targetId });
  }
}

function debuggerUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
      const url = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`Chromium did not start: ${output}`)));
  });
}

function asRecord(value: unknown): Result {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

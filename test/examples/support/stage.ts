import { startSubject, type Subject } from "../../../bench/src/subjects/subject.ts";
import { Chromium, type Tab } from "../../support/chromium.ts";

/** Writes down, before anything of the page runs, what a developer would see in the console. */
const RECORD = `{
  window.problems = [];
  const note = (...words) => window.problems.push(words.map(String).join(" "));
  for (const level of ["error", "warn"]) {
    const native = console[level];
    console[level] = (...words) => { note("console." + level, ...words); native(...words); };
  }
  addEventListener("error", ({ message, target }) => note(message ?? "not loaded: " + target.src), true);
  addEventListener("unhandledrejection", ({ reason }) => note("rejected", reason));
  addEventListener("securitypolicyviolation", ({ blockedURI }) => note("blocked", blockedURI));
  window.sockets = [];
  window.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      if (this.url.includes("userId=")) window.sockets.push(this);
    }
  };
}`;

/** A real counting Worker, and a real browser to look at pages beside it. */
export class Stage implements AsyncDisposable {
  /** Base URL of the Worker. */
  readonly endpoint: string;
  readonly #worker: Subject;
  readonly #chromium: Chromium;
  readonly #tabs: Tab[] = [];

  static async open(): Promise<Stage> {
    const worker = await startSubject("ours");
    try {
      return new Stage(worker, await Chromium.launch());
    } catch (error) {
      await worker[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(worker: Subject, chromium: Chromium) {
    this.endpoint = `http://localhost:${worker.port}`;
    this.#worker = worker;
    this.#chromium = chromium;
  }

  /** Opens a page as a visitor who has never been anywhere. */
  async visit(url: string): Promise<Tab> {
    const tab = await this.#chromium.open("about:blank", await this.#chromium.newContext());
    this.#tabs.push(tab);
    await tab.send("Page.enable");
    await tab.send("Page.addScriptToEvaluateOnNewDocument", { source: RECORD });
    await tab.send("Page.navigate", { url });
    await tab.shows("document.readyState", "complete", 60_000);
    return tab;
  }

  /** Closes all tabs: everybody leaves. */
  async clear(): Promise<void> {
    for (const tab of this.#tabs.splice(0)) await tab.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chromium.close();
    await this.#worker[Symbol.asyncDispose]();
  }
}

/** What the page complained of since it was loaded. */
export function problems(tab: Tab): Promise<unknown> {
  return tab.evaluate("window.problems");
}

/** The connections to a counter that the page has opened since it was loaded, by `readyState`. */
export function sockets(tab: Tab): Promise<unknown> {
  return tab.evaluate("sockets.map(({ readyState }) => readyState)");
}

import { startSubject } from "../../../bench/src/subjects/subject.ts";
import { Chromium, type Tab } from "../../support/chromium.ts";
import { Example } from "./example.ts";

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

/** A real counting Worker, an example that is installed beside it, and a real browser to look at it. */
export class Stage implements AsyncDisposable {
  /** Base URL of the Worker. */
  readonly endpoint: string;
  readonly example: Example;
  readonly #chromium: Chromium;
  readonly #owned: AsyncDisposableStack;
  readonly #tabs: Tab[] = [];

  /** @param name of the example */
  static async open(name: string): Promise<Stage> {
    await using stack = new AsyncDisposableStack();
    const worker = stack.use(await startSubject("ours"));
    const chromium = stack.adopt(await Chromium.launch(), (browser) => browser.close());
    const endpoint = `http://localhost:${worker.port}`;
    const example = stack.use(await Example.install(name, endpoint));
    return new Stage(chromium, { endpoint, example, owned: stack.move() });
  }

  private constructor(
    chromium: Chromium,
    parts: { endpoint: string; example: Example; owned: AsyncDisposableStack },
  ) {
    this.endpoint = parts.endpoint;
    this.example = parts.example;
    this.#chromium = chromium;
    this.#owned = parts.owned;
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync();
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

/** Follows a link, and tells that the page was not loaded again. */
export async function follow(tab: Tab, link: string, withinMs?: number): Promise<void> {
  await tab.evaluate(`window.isSame = true; document.querySelector('a[href="${link}"]').click()`);
  await tab.shows("window.isSame && location.pathname", link, withinMs);
}

import type { Tab } from "../chromium.ts";
import type { CountServer } from "./count-server.ts";
import type { DeadPath } from "./dead-path.ts";
import { nowMs } from "./watched.ts";

interface VisitParts {
  /** What the connection runs over, if that can die. */
  readonly path: DeadPath | null;
  /** Whether the server ends with the visit. */
  readonly ownsServer: boolean;
}

/** A page in a tab, and the server that its client joins. */
export class Visit implements AsyncDisposable {
  readonly tab: Tab;
  readonly server: CountServer;
  readonly #parts: VisitParts;

  constructor(tab: Tab, server: CountServer, parts: VisitParts) {
    this.tab = tab;
    this.server = server;
    this.#parts = parts;
  }

  /** Resolves when the server counts somebody, and the page was told. */
  async counted(): Promise<void> {
    await this.server.until("a connection", () => this.server.live > 0);
    await this.tab.shows("heard.at(-1)?.status", "live", 20_000);
  }

  /** Really hides the page. @returns when that was, by its own clock */
  async hide(): Promise<number> {
    await this.tab.setWindow("minimized");
    await this.tab.shows("document.hidden", true);
    return Number(await this.tab.evaluate("hiddenMs"));
  }

  /** @returns when it was asked to be shown */
  async show(): Promise<number> {
    const askedMs = nowMs();
    await this.tab.setWindow("normal");
    await this.tab.shows("document.hidden", false);
    return askedMs;
  }

  /** The state that the page was told last; `none` before the first. */
  async status(): Promise<unknown> {
    return await this.tab.evaluate('heard.at(-1)?.status ?? "none"');
  }

  /** Exceptions that nobody caught. */
  async uncaught(): Promise<unknown> {
    return await this.tab.evaluate("uncaught");
  }

  async warnings(): Promise<unknown> {
    return await this.tab.evaluate("warnings");
  }

  /** Number of WebSockets that the page has asked for. */
  async asked(): Promise<number> {
    return Number(await this.tab.evaluate("asked.length"));
  }

  /** The path of the connections up to now forgets them. */
  losePath(): void {
    this.#parts.path?.die();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tab.close();
    await this.#parts.path?.[Symbol.asyncDispose]();
    if (this.#parts.ownsServer) await this.server[Symbol.asyncDispose]();
  }
}

import type { VisitorCounterOptions } from "../../../client/src/index.ts";
import { Chromium, type Tab } from "../chromium.ts";
import { type Behaviour, CountServer } from "./count-server.ts";
import { DeadPath } from "./dead-path.ts";
import { findInstalled } from "./installed.ts";
import { type ClientName, Site } from "./site.ts";
import { Visit } from "./visit.ts";

/**
 * A whole browser of this machine. The one from npm has no user interface, and with it no
 * back/forward cache (`BackForwardCacheDisabledForDelegate`); all else is the same in both.
 */
export const WHOLE_CHROMIUM: string | null =
  process.env["CHROMIUM"] ?? findInstalled("chromium", "google-chrome", "google-chrome-stable");

export interface VisitOptions extends VisitorCounterOptions {
  /** Whether the connection runs over a path that can die. @default false */
  readonly viaDeadPath?: boolean;
  /** The page's Content Security Policy. @default none */
  readonly csp?: string;
  /** Host name of the page. @default "127.0.0.1" */
  readonly host?: string;
  /** A browser profile, to be the same visitor as another. @default a profile of its own */
  readonly context?: string;
  /** What its server does with it. @default counts it */
  readonly behaviour?: Behaviour;
  /** The server to join. @default one of its own */
  readonly server?: CountServer;
  /** For the page of React components. @default true */
  readonly enabled?: boolean;
  /** For the page of React components: whether they are the naive ones. @default false */
  readonly isNaive?: boolean;
  /** Runs in the page before it does. @default nothing */
  readonly before?: string;
}

/** One Chromium, and a site with pages that run the client, or the naive one. */
export class Lab implements AsyncDisposable {
  readonly chromium: Chromium;
  readonly site: Site;

  static async open(): Promise<Lab> {
    const binary = WHOLE_CHROMIUM ?? undefined;
    // Any name is this machine; only the names of loopback are secure contexts.
    const flags = ["--host-resolver-rules=MAP *.test 127.0.0.1"];
    const [chromium, site] = await Promise.all([Chromium.launch({ binary, flags }), Site.start()]);
    return new Lab(chromium, site);
  }

  private constructor(chromium: Chromium, site: Site) {
    this.chromium = chromium;
    this.site = site;
  }

  /** Opens a page of the client, with a server of its own, and does not wait for its connection. */
  async visit(client: ClientName, options: VisitOptions = {}): Promise<Visit> {
    const { viaDeadPath = false, csp, host, before, context, server, behaviour, ...rest } = options;
    const joined = server ?? (await CountServer.start(behaviour));
    const path = viaDeadPath ? await DeadPath.to(joined.port) : null;
    const settings = { endpoint: path?.url ?? joined.url, ...rest };
    const query = { with: JSON.stringify(settings), ...(csp !== undefined && { csp }) };
    const tab = await this.chromium.open(
      "about:blank",
      context ?? (await this.chromium.newContext()),
    );
    await tab.send("Page.enable");
    if (before !== undefined) {
      await tab.send("Page.addScriptToEvaluateOnNewDocument", { source: before });
    }
    await tab.navigate(this.site.url(`/${client}/page`, query, host));
    return new Visit(tab, joined, { path, ownsServer: server === undefined });
  }

  /** Opens the client's page as a click with Ctrl does: behind the tab that is looked at. */
  async visitInBackground(client: ClientName, server: CountServer): Promise<Tab> {
    const context = await this.chromium.newContext();
    await this.chromium.openUnattached("about:blank", context);
    const query = { with: JSON.stringify({ endpoint: server.url }) };
    const url = this.site.url(`/${client}/page`, query);
    return await this.chromium.attach(await this.chromium.openInBackground(url, context));
  }

  /** Five tabs of one window and one visitor, each before the ones that were there. */
  async openFiveTabs(client: ClientName, server: CountServer, context: string): Promise<void> {
    const query = { with: JSON.stringify({ endpoint: server.url }) };
    for (let tab = 1; tab <= 5; tab++) {
      await this.chromium.openInFront(this.site.url(`/${client}/page`, query), context);
      const connected = (): boolean => server.opened === tab;
      await server.until(`${client}: tab ${tab} is connected`, connected);
    }
  }

  /** The client's page in a frame that may run scripts and nothing else. */
  async visitInSandbox(client: ClientName): Promise<Visit> {
    const server = await CountServer.start();
    const query = { with: JSON.stringify({ endpoint: server.url }), report: client };
    const of = this.site.url(`/${client}/framed`, query);
    const context = await this.chromium.newContext();
    const tab = await this.chromium.open(this.site.url("/frame", { of }), context);
    return new Visit(tab, server, { path: null, ownsServer: true });
  }

  /** The same visit with our client and with the naive one, each with a server of its own. */
  async both(options: VisitOptions = {}): Promise<Pair> {
    const [ours, naive] = await Promise.all([
      this.visit("ours", options),
      this.visit("naive", options),
    ]);
    return new Pair(ours, naive);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.chromium.close();
    await this.site[Symbol.asyncDispose]();
  }
}

/** One thing done to two clients. */
class Pair implements AsyncDisposable {
  readonly ours: Visit;
  readonly naive: Visit;

  constructor(ours: Visit, naive: Visit) {
    this.ours = ours;
    this.naive = naive;
  }

  async each(act: (visit: Visit) => Promise<unknown>): Promise<void> {
    await Promise.all([act(this.ours), act(this.naive)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.each((visit) => visit[Symbol.asyncDispose]());
  }
}

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { nowMs, Watched } from "./watched.ts";

/** What a page runs: the package by one of its entries, or the client one would write instead. */
export type ClientName = "ours" | "naive" | "react" | "element";

const SCRIPTS: Readonly<Record<ClientName, URL>> = {
  ours: new URL("../../client/pages/ours.ts", import.meta.url),
  naive: new URL("../../client/pages/naive.ts", import.meta.url),
  react: new URL("../../client/pages/react.ts", import.meta.url),
  element: new URL("../../client/pages/element.ts", import.meta.url),
};

/** What a page without DevTools tells the site. */
interface Report {
  readonly atMs: number;
  readonly text: string;
}

/** First in each page, so that it sees all of it: what went wrong, what was said, what was asked for. */
const WATCH = `
  window.uncaught = [];
  window.warnings = [];
  window.asked = [];
  addEventListener("error", ({ message }) => uncaught.push(message));
  addEventListener("unhandledrejection", ({ reason }) => uncaught.push(String(reason)));
  console.warn = (...words) => void warnings.push(words.join(" "));
  window.WebSocket = class extends WebSocket {
    constructor(url) {
      asked.push(String(url));
      super(url);
    }
  };
  const name = new URLSearchParams(location.search).get("report");
  if (name !== null) {
    const report = (what) => fetch("/report?" + name + "-" + what);
    report(document.prerendering ? "prerendering" : "shown");
    addEventListener("error", () => report("failed"));
    document.addEventListener("prerenderingchange", () => report("activated"));
  }`;

/**
 * A web site on loopback, under any host name: `/<client>/<anything>` is a page that runs that
 * client, with options from `?with=<JSON>` and the Content Security Policy `?csp=`.
 */
export class Site extends Watched implements AsyncDisposable {
  readonly reports: Report[] = [];
  readonly #http: Server;
  readonly #bundles: ReadonlyMap<string, string>;
  readonly #gate = Promise.withResolvers<void>();

  static async start(): Promise<Site> {
    const site = new Site(await bundleScripts());
    site.#http.listen(0, "127.0.0.1");
    await once(site.#http, "listening");
    return site;
  }

  private constructor(bundles: ReadonlyMap<string, string>) {
    super();
    this.#bundles = bundles;
    this.#http = createServer((request, response) => this.#serve(request, response));
  }

  /** @param path begins with a slash. @param host resolves to this machine. @default "127.0.0.1" */
  url(path: string, query: { readonly [name: string]: string } = {}, host = "127.0.0.1"): string {
    const address: AddressInfo | string | null = this.#http.address();
    const port = typeof address === "object" ? address?.port : address;
    const search = new URLSearchParams(query).toString();
    return `http://${host}:${port}${path}${search && `?${search}`}`;
  }

  /** Lets pages go on that wait for it: those at `/prerender` follow their link. */
  openGate(): void {
    this.#gate.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }

  #serve({ url = "" }: IncomingMessage, response: ServerResponse): void {
    const { pathname, search, searchParams } = new URL(url, "http://localhost");
    const [, first = "", second = ""] = pathname.split("/");
    if (first === "gate") {
      void this.#gate.promise.then(() => response.end());
      return;
    }
    if (first === "report") {
      this.reports.push({ atMs: nowMs(), text: search.slice(1) });
      this.changed();
    }
    const of = searchParams.get("of") ?? "";
    response.setHeader("content-type", first === "scripts" ? "text/javascript" : "text/html");
    if (first === "scripts") response.end(this.#bundles.get(second));
    else if (first === "prerender") response.end(prerenderingPage(of));
    else if (first === "frame")
      response.end(page("", `<iframe sandbox="allow-scripts" src="${escape(of)}"></iframe>`));
    else if (first in SCRIPTS) {
      const policy = searchParams.get("csp");
      if (policy !== null) response.setHeader("content-security-policy", policy);
      response.end(page(WATCH, `<script src="/scripts/${first}"></script>`));
    } else response.end(page("", "another page"));
  }
}

function page(script: string, body: string): string {
  return `<!doctype html><meta charset="utf-8"><title>A site</title><link rel="icon" href="data:,"><script>${script}</script><body>${body}`;
}

/** Prerenders the address, and goes there when the gate opens. */
function prerenderingPage(url: string): string {
  const rules = { prerender: [{ source: "list", urls: [url], eagerness: "immediate" }] };
  const script = `fetch("/gate").then(() => location.href = ${JSON.stringify(url)})`;
  return page(script, `<script type="speculationrules">${JSON.stringify(rules)}</script>`);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
}

async function bundleScripts(): Promise<Map<string, string>> {
  const bundles = Object.entries(SCRIPTS).map(async ([name, url]): Promise<[string, string]> => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(url)],
      bundle: true,
      format: "iife",
      target: "es2022",
      // React's own checks, StrictMode's second mount among them, are of its development build.
      define: { "process.env.NODE_ENV": '"development"' },
      // The package says of its built files which have side effects, not of these.
      ignoreAnnotations: true,
      write: false,
    });
    return [name, outputFiles[0]?.text ?? ""];
  });
  return new Map(await Promise.all(bundles));
}

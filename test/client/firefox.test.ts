import { afterAll, afterEach, beforeAll, describe, test } from "vitest";
import { CountServer } from "../support/lifecycle/count-server.ts";
import { DeadPath } from "../support/lifecycle/dead-path.ts";
import { Firefox, FIREFOX, type FirefoxTab } from "../support/lifecycle/firefox.ts";
import { report } from "../support/lifecycle/report.ts";
import { type ClientName, Site } from "../support/lifecycle/site.ts";
import { nowMs } from "../support/lifecycle/watched.ts";

const NOTICED_WITHIN_MS = 26_000;
const STATUS = "heard.at(-1)?.status";

/** What differs between browsers, in the other one. Skipped where it is not installed. */
describe.skipIf(FIREFOX === null)("in Firefox", () => {
  let firefox: Firefox;
  let site: Site;
  beforeAll(async () => {
    [firefox, site] = await Promise.all([Firefox.launch(FIREFOX ?? ""), Site.start()]);
  });
  afterAll(async () => {
    await firefox[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  const open: FirefoxTab[] = [];
  // A client that is cut off and tries again keeps the others waiting: Firefox connects to one
  // address after the other.
  afterEach(async () => {
    for (const tab of open.splice(0)) await tab.navigate("about:blank");
  });

  const visit = async (
    client: ClientName,
    endpoint: string,
    query: { readonly [name: string]: string } = {},
    host?: string,
  ): Promise<FirefoxTab> => {
    const settings = { with: JSON.stringify({ endpoint }), ...query };
    const tab = await firefox.open(site.url(`/${client}/page`, settings, host));
    open.push(tab);
    return tab;
  };

  test("a hidden page leaves after 5 s and is counted at once when seen; the naive one stays counted", async ({
    expect,
  }) => {
    await using server = await CountServer.start();
    await using naiveServer = await CountServer.start();
    const ours = await visit("ours", server.url);
    const naive = await visit("naive", naiveServer.url);
    await ours.shows(STATUS, "live");
    await naive.shows(STATUS, "live");
    await naive.hide();
    await ours.hide();
    const hiddenMs = Number(await ours.evaluate("hiddenMs"));
    await server.until("hidden, the client leaves", () => server.live === 0, 15_000);
    report("Firefox: left after hiding", (server.all("close")[0]?.atMs ?? Number.NaN) - hiddenMs);
    const shownMs = nowMs();
    await ours.show();
    await server.until("seen, it is counted", () => server.count === 1);
    report("Firefox: counted after showing", (server.all("open")[1]?.atMs ?? Number.NaN) - shownMs);
    expect([server.opened, naiveServer.opened, naiveServer.live]).toEqual([2, 1, 1]);
  });

  test("a page that is left is not counted, and is again on return, loaded anew as the naive one is", async ({
    expect,
  }) => {
    await using server = await CountServer.start();
    const tab = await visit("ours", server.url);
    await tab.shows(STATUS, "live");
    await tab.navigate(site.url("/another"));
    await server.until("left, it is not counted", () => server.live === 0);
    await tab.goBack();
    await server.until("back, it is counted", () => server.count === 1);
    await tab.shows(STATUS, "live");
    expect(server.opened).toBe(2);
  });

  test("a path that died is noticed within 26 s; the naive client never notices", async ({
    expect,
  }) => {
    await using server = await CountServer.start();
    await using naiveServer = await CountServer.start();
    await using path = await DeadPath.to(server.port);
    await using naivePath = await DeadPath.to(naiveServer.port);
    const ours = await visit("ours", path.url);
    await visit("naive", naivePath.url);
    await ours.shows(STATUS, "live");
    await naiveServer.until("connected", () => naiveServer.live === 1);
    // At the worst moment: just after a sign of life was answered.
    const pings = server.all("message").length;
    await ours.evaluate('dispatchEvent(new Event("online"))');
    await server.until("a ping", () => server.all("message").length > pings);
    await ours.evaluate("document.hidden");
    const diedMs = nowMs();
    path.die();
    naivePath.die();
    await server.until("a new connection", () => server.opened === 2, 40_000);
    const lost = 'heard.find(({ status }) => status === "retrying")?.atMs';
    const noticedMs = Number(await ours.evaluate(lost)) - diedMs;
    report("Firefox: dead path noticed", noticedMs);
    expect(noticedMs).toBeLessThan(NOTICED_WITHIN_MS);
    expect(naiveServer.opened).toBe(1);
  });

  test("a connection that the page's policy forbids is told once and throws nothing; the naive one throws", async ({
    expect,
  }) => {
    await using server = await CountServer.start();
    const query = { csp: "connect-src 'self'" };
    const ours = await visit("ours", server.url, query);
    const naive = await visit("naive", server.url, query);
    await ours.shows(STATUS, "stopped");
    expect(await ours.evaluate("[asked.length, uncaught.length, warnings.length]")).toEqual([
      1, 0, 1,
    ]);
    expect(await naive.evaluate("uncaught.length")).toBe(1);
    expect(server.log).toEqual([]);
  });

  test("navigation in a single-page app moves the visitor; the naive one stays behind", async ({
    expect,
  }) => {
    await using server = await CountServer.start();
    await using naiveServer = await CountServer.start();
    const ours = await visit("ours", server.url);
    const naive = await visit("naive", naiveServer.url);
    await ours.shows(STATUS, "live");
    await naiveServer.until("connected", () => naiveServer.live === 1);
    await naive.evaluate('history.pushState(null, "", "/elsewhere")');
    await ours.evaluate('history.pushState(null, "", "?sort=new#top")');
    await ours.evaluate('history.pushState(null, "", "/elsewhere")');
    await server.until("the visitor is on the new page", () => server.opened === 2);
    const pages = server.all("open").map(({ page }) => new URL(page).pathname);
    expect(pages).toEqual(["/ours/page", "/elsewhere"]);
    expect(naiveServer.opened).toBe(1);
  });

  test("StrictMode opens one connection for four components; naive ones open eight", async ({
    expect,
  }) => {
    await using server = await CountServer.start();
    const ours = await visit("react", server.url);
    await ours.shows("document.body.innerText.replace(/\\s+/g, ' ')", "1 1 1 1");
    expect([await ours.evaluate("asked.length"), server.live]).toEqual([1, 1]);
    await using naiveServer = await CountServer.start();
    const settings = JSON.stringify({ endpoint: naiveServer.url, isNaive: true });
    const naive = await visit("react", "", { with: settings });
    await naive.shows("asked.length", 8);
  });

  test("an insecure origin has an id, too; the naive client throws", async ({ expect }) => {
    await using server = await CountServer.start();
    const ours = await visit("ours", server.url, {}, "insecure.test");
    const naive = await visit("naive", server.url, {}, "insecure.test");
    await ours.shows(STATUS, "live");
    expect(await ours.evaluate("[isSecureContext, uncaught.length]")).toEqual([false, 0]);
    expect(await naive.evaluate("uncaught.length")).toBe(1);
    expect(server.opened).toBe(1);
  });
});

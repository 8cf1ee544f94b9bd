import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { outline, refusal } from "./support/ask.ts";
import { Pages } from "./support/pages.ts";

const ON = { ALLOWED_ORIGINS: ["https://*.example.net"], SETTINGS: { siteCount: true } };

/** A site of its own for each test, with two pages. */
async function freshSite(): Promise<string> {
  const site = `https://${crypto.randomUUID()}.example.net`;
  const directory = env.SITE_DIRECTORY.getByName(site);
  await directory.report(`${site}/a`, 2);
  await directory.report(`${site}/b`, 5);
  return site;
}

describe("the total of a site", () => {
  test("is what /count and the badge give of the site that asks, and of ?site=", async () => {
    const site = await freshSite();
    const pages = new Pages(ON);
    const total = {
      count: 7,
      pages: [
        { page: `${site}/b`, count: 5 },
        { page: `${site}/a`, count: 2 },
      ],
      timestamp: expect.any(Number),
    };
    const asks = await pages.get("/count", { origin: site });
    const named = await pages.get(`/count?site=${site}`, { origin: null });
    const names = ["Cache-Control", "Access-Control-Allow-Origin"];
    expect(await outline(asks, ...names)).toEqual([200, total, "public, max-age=5", site]);
    expect(await outline(named, ...names)).toEqual([200, total, "public, max-age=5", null]);
    const badge = await pages.get(`/badge.svg?site=${site}&label=on+this+site`, { origin: null });
    expect(await badge.text()).toContain("<title>on this site: 7</title>");
    expect(pages.asked).toEqual([]);
  });

  test("is read once in five seconds, by the data center's cache also for other isolates", async () => {
    const site = await freshSite();
    const first = await (await new Pages(ON).get("/count", { origin: site })).json();
    await env.SITE_DIRECTORY.getByName(site).report(`${site}/c`, 1);
    const second = await (await new Pages(ON).get("/count", { origin: site })).json();
    expect(second).toEqual(first);
  });

  test("does not believe a cache that holds something else", async () => {
    const site = await freshSite();
    const url = `https://tracker.test/count/kept?site=${encodeURIComponent(site)}`;
    const value = { count: 1, pages: [{ page: 5, count: 1 }] };
    const headers = { "Cache-Control": "max-age=60" };
    await caches.default.put(url, Response.json({ value, readMs: Date.now() }, { headers }));
    const response = await new Pages(ON).get("/count", { origin: site });
    expect(await response.json()).toMatchObject({ count: 7 });
  });

  test("is refused for a site that is not served, and for none", async () => {
    const pages = new Pages(ON);
    const foreign = await pages.get("/count?site=https://evil.test", { origin: null });
    expect(await outline(foreign)).toEqual([
      403,
      refusal(
        "origin_not_allowed",
        "site 'https://evil.test' is not served here; add it to allowedOrigins",
      ),
    ]);
    expect(await outline(await pages.get("/count", { origin: null }))).toEqual([
      400,
      refusal(
        "bad_site",
        "page is missing; add ?page=/posts/my-post, or ?site=https://example.com for the total of a site",
      ),
    ]);
  });

  test.for(["/count", "/badge.svg"])(
    "is refused by %s without siteCount, at no cost",
    async (path) => {
      const bindings = { ...ON, SETTINGS: {}, SITE_DIRECTORY: undefined };
      const pages = new Pages(bindings);
      const response = await pages.get(path, { origin: "https://a.example.net" });
      expect(await outline(response)).toEqual([
        404,
        refusal(
          "site_count_off",
          "page is missing; add ?page=/posts/my-post, or have the total of the site kept: pulumi config set siteCount true",
        ),
      ]);
    },
  );
});

import { exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { outline, refusal } from "./support/ask.ts";
import { eventually } from "./support/eventually.ts";
import { Pages } from "./support/pages.ts";
import { ORIGIN, Visitor, freshPage } from "./support/visitor.ts";

/** Addresses of its own for each test: what the data center caches outlives a test. */
let path: string;
beforeEach(() => {
  path = `/${crypto.randomUUID()}`;
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Where the data center keeps the page's count. */
function cached(): string {
  return `https://tracker.test/count/kept?page=${encodeURIComponent(ORIGIN + path)}`;
}

async function json(response: Response): Promise<unknown> {
  expect(response.status).toBe(200);
  return response.json();
}

describe("/count", () => {
  test("is the number of visitors on a page, as its sockets are told it", async () => {
    const page = freshPage();
    const before = Date.now();
    const ada = await Visitor.join({ page });
    await Visitor.join({ page });
    await Visitor.join({ page, query: "&v=2&observe=1" });
    await ada.sees(2);
    const response = await exports.default.fetch(`https://tracker.test/count?page=${page}`);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    const timestamp = expect.any(Number);
    const body = await json(response);
    expect(body).toEqual({ count: 2, pages: [{ page, count: 2, asked: page }], timestamp });
    expect(Number(Object(body).timestamp)).toBeGreaterThanOrEqual(before);
  });

  test("takes pages as they are written, and names them by key, in the order asked", async () => {
    const pages = new Pages();
    pages.counts.set(`${ORIGIN}${path}`, 3).set(`${ORIGIN}${path}/b`, 4);
    const query = `page=${path}/?utm_source=x%23top&page=${ORIGIN}${path}/b&page=${path}`;
    expect(await json(await pages.get(`/count?${query}`))).toEqual({
      count: 7,
      pages: [
        { page: `${ORIGIN}${path}`, count: 3, asked: `${path}/?utm_source=x#top` },
        { page: `${ORIGIN}${path}/b`, count: 4, asked: `${ORIGIN}${path}/b` },
        { page: `${ORIGIN}${path}`, count: 3, asked: path },
      ],
      timestamp: expect.any(Number),
    });
    expect(pages.asked).toEqual([`${ORIGIN}${path}`, `${ORIGIN}${path}/b`]);
  });

  test("reads 50 pages at once, and refuses 51", async () => {
    const pages = new Pages();
    const query = Array.from({ length: 50 }, (_, index) => `page=${path}/${index}`).join("&");
    const response = await pages.get(`/count?${query}`);
    expect(Object(await json(response)).pages).toHaveLength(50);
    expect(new Set(pages.asked).size).toBe(50);
    expect(await outline(await pages.get(`/count?${query}&page=${path}`))).toEqual([
      400,
      refusal("bad_page", "51 pages are too many; ask for at most 50 at once"),
    ]);
    expect(pages.asked).toHaveLength(50);
  });

  test("can be kept by browsers and caches for as long as it is fresh", async () => {
    const pages = new Pages();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const names = ["Cache-Control", "Age", "Vary", "Access-Control-Allow-Origin"];
    const ages: unknown[] = [];
    for (const afterMs of [0, 2_999, 2_000, 1]) {
      vi.advanceTimersByTime(afterMs);
      const { headers } = await pages.get(`/count?page=${path}`);
      ages.push(names.map((name) => headers.get(name)));
    }
    const kept = "public, max-age=5";
    expect(ages).toEqual([
      [kept, "0", "Origin", ORIGIN],
      [kept, "3", "Origin", ORIGIN],
      [kept, "5", "Origin", ORIGIN],
      [kept, "0", "Origin", ORIGIN],
    ]);
    expect(pages.asked).toHaveLength(2);
  });

  test("says when the oldest of its numbers was read", async () => {
    const pages = new Pages();
    const startMs = Date.now();
    vi.useFakeTimers({ toFake: ["Date"], now: startMs });
    await pages.get(`/count?page=${path}`);
    vi.advanceTimersByTime(3_000);
    const both = `/count?page=${path}/b&page=${path}`;
    expect(await json(await pages.get(both))).toMatchObject({ timestamp: startMs });
    const other = `/count?page=${path}/b`;
    expect(await json(await pages.get(other))).toMatchObject({ timestamp: startMs + 3_000 });
  });

  test("answers HEAD, and refuses what writes", async () => {
    const pages = new Pages();
    const head = await pages.get(`/count?page=${path}`, { method: "HEAD" });
    expect([head.status, head.headers.get("Cache-Control")]).toEqual([200, "public, max-age=5"]);
    const post = await pages.get(`/count?page=${path}`, { method: "POST" });
    expect(await outline(post, "Allow")).toEqual([
      405,
      refusal("method_not_allowed", "'POST' is not possible here; use GET"),
      "GET, HEAD, OPTIONS",
    ]);
  });
});

describe("the site that a path belongs to", () => {
  const own = "https://tracker.test";
  const unowned = { ALLOWED_ORIGINS: [ORIGIN, "https://*.example.net"], SETTINGS: {} };

  test.for([
    ["is the one that asks", {}, { origin: ORIGIN }, "", ORIGIN],
    ["is the one that ?site= names", unowned, { origin: null }, `&site=${ORIGIN}`, ORIGIN],
    ["may be written with a slash", unowned, { origin: null }, `&site=${ORIGIN}/`, ORIGIN],
    [
      "is the one that ?site= names also for another one that asks",
      unowned,
      { origin: ORIGIN },
      "&site=https://a.example.net",
      "https://a.example.net",
    ],
    ["is the Worker's own where that has a demo page", {}, { origin: null }, "", own],
    [
      "is the Worker's own where that is listed, as with a route",
      { ALLOWED_ORIGINS: [own], SETTINGS: {} },
      { origin: null },
      "",
      own,
    ],
    [
      "is the Worker's own where visitors without an origin are counted",
      { ALLOWED_ORIGINS: ["none"], SETTINGS: {} },
      { origin: null },
      "",
      own,
    ],
  ] as const)("%s", async ([, bindings, init, query, site]) => {
    const pages = new Pages(bindings);
    await json(await pages.get(`/count?page=${path}${query}`, init));
    expect(pages.asked).toEqual([site + path]);
  });

  test.for([
    [
      "no page",
      "",
      404,
      "site_count_off",
      "page is missing; add ?page=/posts/my-post, or have the total of the site kept: pulumi config set siteCount true",
    ],
    [
      "a path of nobody knows which site",
      "page=/a",
      400,
      "bad_page",
      "page '/a' is a path, and nothing says of which site; use its full address, or add &site=https://example.com",
    ],
    [
      "something that is no page, after one that is",
      `page=${ORIGIN}/a&page=ftp://a`,
      400,
      "bad_page",
      "page 'ftp://a' is neither a path nor an http(s) URL of at most 1000 bytes; use one such as /posts/my-post",
    ],
    [
      "a page of a site that is not served",
      `page=${ORIGIN}/a&page=https://evil.test/x`,
      403,
      "origin_not_allowed",
      "page 'https://evil.test/x' is on https://evil.test, which is not served here; add it to allowedOrigins",
    ],
    [
      "a page of the Worker's own, which has none",
      `page=${own}/a`,
      403,
      "origin_not_allowed",
      `page '${own}/a' is on ${own}, which is not served here; add it to allowedOrigins`,
    ],
    [
      "a site that is not served",
      "site=https://evil.test&page=/a",
      403,
      "origin_not_allowed",
      "site 'https://evil.test' is not served here; add it to allowedOrigins",
    ],
    ...["example.com", "https://example.com/blog", "https://a@example.com", "ftp://a", ""].map(
      (site) =>
        [
          `'${site}' as site`,
          `site=${site}&page=/a`,
          400,
          "bad_site",
          `site '${site}' is no origin; use one as https://example.com`,
        ] as const,
    ),
  ] as const)("refuses %s, and asks nobody", async ([, query, status, code, message]) => {
    const pages = new Pages(unowned);
    const response = await pages.get(`/count?${query}`, { origin: null });
    expect(await outline(response, "Cache-Control")).toEqual([
      status,
      refusal(code, message),
      "no-store",
    ]);
    expect(pages.asked).toEqual([]);
  });

  test("refuses a foreign page that asks, and lets it read why", async () => {
    const pages = new Pages();
    const response = await pages.get(`/count?page=${ORIGIN}${path}`, {
      origin: "https://evil.test",
    });
    expect(await outline(response, "Access-Control-Allow-Origin")).toEqual([
      403,
      refusal(
        "origin_not_allowed",
        "origin 'https://evil.test' is not served here; add it to allowedOrigins",
      ),
      "*",
    ]);
    expect(pages.asked).toEqual([]);
  });
});

describe("the cost of reading", () => {
  test("is one call however many read at once, and however they write the page", async () => {
    const pages = new Pages();
    pages.counts.set(ORIGIN + path, 5);
    const { promise, resolve } = Promise.withResolvers<void>();
    pages.gate = promise;
    // A busy machine takes its time.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const reads = Array.from({ length: 200 }, (_, index) =>
      pages.get(`/count?page=${path}${index % 2 === 0 ? "" : "/"}`),
    );
    while (pages.asked.length === 0) await scheduler.wait(1);
    resolve();
    const counts = await Promise.all(
      reads.map(async (read) => Object(await json(await read)).count),
    );
    expect(counts).toEqual(Array(200).fill(5));
    expect(pages.asked).toEqual([ORIGIN + path]);
  });

  test("is shared by lists that overlap", async () => {
    const pages = new Pages();
    await pages.get(`/count?page=${path}/a&page=${path}/b`);
    await pages.get(`/count?page=${path}/b&page=${path}/c`);
    expect(pages.asked).toEqual(["a", "b", "c"].map((name) => `${ORIGIN}${path}/${name}`));
  });

  test("is one call in five seconds for all isolates of a data center", async () => {
    const [here, there] = [new Pages(), new Pages()];
    here.counts.set(ORIGIN + path, 5);
    const read = await json(await here.get(`/count?page=${path}`));
    const { timestamp } = Object(read);
    await eventually(async () => {
      expect(await caches.default.match(cached())).toBeDefined();
    });
    vi.useFakeTimers({ toFake: ["Date"], now: timestamp + 4_999 });
    expect(await json(await there.get(`/count?page=${path}`))).toMatchObject({
      count: 5,
      timestamp,
    });
    expect(there.asked).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(await json(await there.get(`/count?page=${path}`))).toMatchObject({ count: 0 });
    expect(there.asked).toEqual([ORIGIN + path]);
  });

  test.for([
    ["nonsense", "x"],
    ["something else", JSON.stringify({ value: "5", readMs: Date.now() })],
    ["null", "null"],
    ["the future", JSON.stringify({ value: 5, readMs: Date.now() + 60_000 })],
  ])("does not hang on a cache that holds %s", async ([, body]) => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const headers = { "Cache-Control": "max-age=60" };
    await caches.default.put(cached(), new Response(body ?? null, { headers }));
    const pages = new Pages();
    expect(await json(await pages.get(`/count?page=${path}`))).toMatchObject({ count: 0 });
    expect(pages.asked).toEqual([ORIGIN + path]);
  });

  test("does not hang on a cache that fails", async () => {
    const log = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    vi.spyOn(caches.default, "match").mockRejectedValue(new Error("no match"));
    vi.spyOn(caches.default, "put").mockRejectedValue(new Error("no put"));
    const pages = new Pages();
    expect(await json(await pages.get(`/count?page=${path}`))).toMatchObject({ count: 0 });
    await eventually(() => {
      expect(log.mock.calls).toEqual([[new Error("no match")], [new Error("no put")]]);
    });
  });

  test("leaves the cache alone after sixteen pages, which is what the free plan allows", async () => {
    const pages = new Pages();
    const put = vi.spyOn(caches.default, "put");
    const query = Array.from({ length: 20 }, (_, index) => `page=${path}/${index}`).join("&");
    await json(await pages.get(`/count?${query}`));
    expect(pages.asked).toHaveLength(20);
    expect(put).toHaveBeenCalledTimes(16);
  });

  test("is limited for one address, by what it has objects asked", async () => {
    const pages = new Pages();
    pages.readsPerMinute = 3;
    const three = `/count?page=${path}/1&page=${path}/2&page=${path}/3`;
    const one = "203.0.113.1";
    for (let time = 0; time < 2; time++) await json(await pages.get(three, { address: one }));
    expect(pages.limited).toEqual([one, one, one]);
    const fourth = `/count?page=${path}/4`;
    expect(await outline(await pages.get(fourth, { address: one }), "Retry-After")).toEqual([
      429,
      refusal("rate_limited", "too many counts are read from this address; try again in a minute"),
      "60",
    ]);
    expect(pages.asked).toHaveLength(3);
    await json(await pages.get(fourth, { address: "2001:db8:1:2:3::1" }));
    await json(await pages.get(fourth, { address: one }));
    expect(pages.limited.slice(4)).toEqual(["2001:db8:1:2"]);
  });

  test("an address that is limited does not stand in the way of those who wait", async () => {
    const pages = new Pages();
    pages.readsPerMinute = 0;
    const limited = pages.get(`/count?page=${path}`, { address: "203.0.113.1" });
    const other = pages.get(`/count?page=${path}`);
    expect([(await limited).status, (await other).status]).toEqual([429, 200]);
  });

  test("an object that fails is asked once a second, and all who wait hear of it", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const pages = new Pages();
    const error = Object.assign(new Error("busy"), { overloaded: true });
    pages.counts.set(ORIGIN + path, error);
    const reads = await Promise.all([1, 2, 3].map(() => pages.get(`/count?page=${path}`)));
    expect(reads.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(pages.asked).toHaveLength(1);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    vi.advanceTimersByTime(1_000);
    pages.counts.set(ORIGIN + path, 2);
    expect(await json(await pages.get(`/count?page=${path}`))).toMatchObject({ count: 2 });
    expect(pages.asked).toHaveLength(2);
  });
});

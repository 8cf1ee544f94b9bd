import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { LIVE_HASH, LIVE_JS } from "../src/generated/live.ts";
import { liveByHash, scriptsByHash } from "../src/live/live.ts";
import { ask, outline, refusal } from "./support/ask.ts";
import { ORIGIN } from "./support/visitor.ts";

const BY_HASH = `/live-${LIVE_HASH}.js`;
const SHOWN = [
  "Content-Type",
  "Cache-Control",
  "ETag",
  "Access-Control-Allow-Origin",
  "Cross-Origin-Resource-Policy",
  "X-Content-Type-Options",
  "Vary",
];

function get(path: string, headers: HeadersInit = {}, method = "GET"): Promise<Response> {
  return exports.default.fetch(`https://tracker.test${path}`, { headers, method });
}

function shown({ headers }: Response): (string | null)[] {
  return SHOWN.map((name) => headers.get(name));
}

function headersWith(caching: string): unknown {
  return [
    "text/javascript; charset=utf-8",
    caching,
    `"${LIVE_HASH}"`,
    "*",
    "cross-origin",
    "nosniff",
    null,
  ];
}

describe("/live.js", () => {
  test("is the script, for any page, and soon another one after an upgrade", async () => {
    const response = await get("/live.js");
    expect([response.status, await response.text()]).toEqual([200, LIVE_JS]);
    const caching = "public, max-age=300, stale-while-revalidate=3300";
    expect(shown(response)).toEqual(headersWith(caching));
  });

  test("is the same for a site that is served, one that is not, and none", async () => {
    const origins = [{ Origin: ORIGIN }, { Origin: "https://evil.test" }, {}];
    const seen = origins.map(async (headers) => shown(await get("/live.js", headers)));
    const [first, ...rest] = await Promise.all(seen);
    expect(rest).toEqual([first, first]);
  });

  test("is there without the demo page, and below a base path", async () => {
    const settings = { SETTINGS: { demo: false, basePath: "/live" } };
    const paths = ["/live.js", "/live/live.js", BY_HASH, `/live${BY_HASH}`];
    const statuses = paths.map(async (path) => (await ask(path, {}, settings)).status);
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 200]);
  });
});

describe("/live-<hash>.js", () => {
  test("is the same script, which may be kept for ever", async () => {
    const response = await get(BY_HASH);
    expect([response.status, await response.text()]).toEqual([200, LIVE_JS]);
    expect(shown(response)).toEqual(headersWith("public, max-age=31536000, immutable"));
  });

  test("has the first digits of the script's SHA-256 for its hash", async () => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(LIVE_JS));
    const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0"));
    expect(hex.join("").slice(0, 16)).toBe(LIVE_HASH);
  });

  test("of a past release is that release's script, beside the current one", async () => {
    const scripts = scriptsByHash([{ version: "1.0.0", hash: "0123456789abcdef", js: "old()" }]);
    const request = new Request("https://tracker.test/");
    const old = liveByHash("/live-0123456789abcdef.js", scripts)?.(request);
    const current = liveByHash(BY_HASH, scripts)?.(request);
    expect([await old?.text(), old?.headers.get("ETag")]).toEqual(["old()", '"0123456789abcdef"']);
    expect(await current?.text()).toBe(LIVE_JS);
  });

  test("of an unknown hash says where the current one is, and any page may read it", async () => {
    const response = await get("/live-0123456789abcdef.js", { Origin: "https://evil.test" });
    expect(await outline(response, "Access-Control-Allow-Origin", "Cache-Control")).toEqual([
      404,
      refusal(
        "not_found",
        `there is no script '0123456789abcdef' here, only ${BY_HASH} and those of the last releases; take the tag from the stack's output 'embed', or /live.js, which is always current`,
      ),
      "*",
      "no-store",
    ]);
  });

  test.for(["/live-.js", "/live-a/b.js", "/live-a.jsx", "/live.js.map"])(
    "%s is nothing at all",
    async (path) => {
      const response = await get(path);
      expect(await outline(response)).toEqual([
        404,
        refusal(
          "not_found",
          `there is nothing at '${path}'; use /ws, /live.js, /count, /badge.svg or /health`,
        ),
      ]);
    },
  );
});

describe("both", () => {
  test.for(["/live.js", BY_HASH])("%s is not sent again to who has it", async (path) => {
    for (const tag of [`"${LIVE_HASH}"`, `"old", W/"${LIVE_HASH}"`, "*"]) {
      const response = await get(path, { "If-None-Match": tag });
      expect([response.status, await response.text()]).toEqual([304, ""]);
      expect(response.headers.get("ETag")).toBe(`"${LIVE_HASH}"`);
      expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
    }
    expect((await get(path, { "If-None-Match": '"old"' })).status).toBe(200);
  });

  test.for(["/live.js", BY_HASH])("%s answers HEAD and OPTIONS, and refuses POST", async (path) => {
    const head = await get(path, {}, "HEAD");
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await get(path, {}, "OPTIONS")).status).toBe(204);
    expect((await get(path, {}, "POST")).status).toBe(405);
  });
});

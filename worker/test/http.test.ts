import { exports } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ask, fakeNamespace, outline, refusal } from "./support/ask.ts";
import { ORIGIN } from "./support/visitor.ts";

const WS = "/ws?page=/a&userId=test-user-123";
const PATHS = "/ws, /live.js, /count, /badge.svg or /health";
const UPGRADE = { Upgrade: "websocket", Origin: ORIGIN };

function fetchFrom(
  origin: string | null,
  path = "/health",
  init: RequestInit = {},
): Promise<Response> {
  const headers: HeadersInit = origin === null ? {} : { Origin: origin };
  return exports.default.fetch(`https://tracker.test${path}`, { ...init, headers });
}

describe("/health", () => {
  test("answers the contract's body, exactly, and the version in a header", async () => {
    const before = Date.now();
    const response = await fetchFrom(null);
    const text = await response.text();
    const timestamp = Number(/\d+/.exec(text)?.[0]);
    expect(text).toBe(`{"status":"ok","timestamp":${timestamp}}`);
    expect(timestamp).toBeGreaterThanOrEqual(before);
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(response.headers.get("Visitor-Tracker-Version")).toBe("dev");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
  });

  test("answers HEAD, and refuses what writes", async () => {
    const head = await fetchFrom(null, "/health", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const post = await fetchFrom(null, "/health", { method: "POST", body: "{}" });
    expect(await outline(post, "Allow")).toEqual([
      405,
      refusal("method_not_allowed", "'POST' is not possible here; use GET"),
      "GET, HEAD, OPTIONS",
    ]);
  });
});

describe("CORS", () => {
  const names = ["Access-Control-Allow-Origin", "Vary", "Access-Control-Expose-Headers"];
  const expose = "Retry-After, Visitor-Tracker-Version";
  test.for([
    ["an allowed origin is named", ORIGIN, [ORIGIN, "Origin", expose]],
    [
      "a subdomain that a wildcard allows is named",
      "https://a.b.example.net",
      ["https://a.b.example.net", "Origin", expose],
    ],
    [
      "the Worker's own origin, of the demo page, is named",
      "https://tracker.test",
      ["https://tracker.test", "Origin", expose],
    ],
    ["the apex of a wildcard gets nothing", "https://example.net", [null, "Origin", null]],
    ["another scheme gets nothing", "http://example.com", [null, "Origin", null]],
    ["another origin gets nothing", "https://evil.test", [null, "Origin", null]],
    ["an opaque origin gets nothing", "null", [null, "Origin", null]],
    ["a request without an origin gets nothing", null, [null, "Origin", null]],
  ] as const)("%s", async ([, origin, expected]) => {
    const { headers } = await fetchFrom(origin);
    expect(names.map((name) => headers.get(name))).toEqual(expected);
    expect(headers.has("Access-Control-Allow-Credentials")).toBe(false);
  });

  test("refusals can be read by an allowed origin too", async () => {
    const missing = await fetchFrom(ORIGIN, "/nowhere");
    expect(missing.headers.get("Access-Control-Allow-Origin")).toBe(ORIGIN);
    const badPage = await fetchFrom(ORIGIN, "/ws");
    expect(badPage.headers.get("Access-Control-Allow-Origin")).toBe(ORIGIN);
  });

  test("a site that is refused may read why, and nothing else", async () => {
    const refused = await fetchFrom("https://evil.test", "/ws?page=/a&userId=test-user-123");
    expect(refused.status).toBe(403);
    expect(refused.headers.get("Access-Control-Allow-Origin")).toBe("*");
  });

  test("with '*' every origin is named, an opaque one too", async () => {
    for (const origin of ["https://any.test", "null"]) {
      const headers = { Origin: origin };
      const response = await ask("/health", { headers }, { ALLOWED_ORIGINS: ["*"] });
      expect(response.headers.get("Access-Control-Allow-Origin")).toBe(origin);
    }
  });

  test.for(["/ws", "/count", "/badge.svg", "/health", "/"])(
    "OPTIONS %s is 204 and permits an allowed origin",
    async (path) => {
      const response = await fetchFrom(ORIGIN, path, { method: "OPTIONS" });
      expect([response.status, await response.text()]).toEqual([204, ""]);
      expect(response.headers.get("Access-Control-Allow-Origin")).toBe(ORIGIN);
      expect(response.headers.get("Access-Control-Allow-Methods")).toBe("GET, HEAD, OPTIONS");
      expect(response.headers.get("Access-Control-Max-Age")).toBe("86400");
    },
  );

  test("OPTIONS from another origin is 204 without permission", async () => {
    const response = await fetchFrom("https://evil.test", "/ws", { method: "OPTIONS" });
    expect([response.status, response.headers.get("Access-Control-Allow-Origin")]).toEqual([
      204,
      null,
    ]);
  });
});

describe("paths", () => {
  test.for(["/nowhere", "/ws/", "/WS", "/health/x", "/favicon.ico"])(
    "%s is 404 JSON",
    async (path) => {
      expect(await outline(await fetchFrom(null, path), "Content-Type")).toEqual([
        404,
        refusal("not_found", `there is nothing at '${path}'; use ${PATHS}`),
        "application/json",
      ]);
    },
  );

  test("a giant path is cut in the answer", async () => {
    const response = await fetchFrom(null, `/${"a".repeat(8_000)}`);
    expect(await outline(response)).toEqual([
      404,
      refusal("not_found", `there is nothing at '/${"a".repeat(79)}…'; use ${PATHS}`),
    ]);
  });

  test("a base path is served beside the plain one, and is no prefix of a longer name", async () => {
    const settings = { SETTINGS: { basePath: "/live", demo: true } };
    const paths = [
      "/live/health",
      "/health",
      "/live",
      "/live/",
      "/lively/health",
      "/live/live/health",
    ];
    const statuses = paths.map(async (path) => (await ask(path, {}, settings)).status);
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 200, 404, 404]);
  });
});

describe("demo page", () => {
  test("is there only with demo: true", async () => {
    expect((await ask("/", {}, { SETTINGS: { demo: true } })).status).toBe(200);
    expect((await ask("/", {}, { SETTINGS: {} })).status).toBe(404);
    expect((await ask("/", {}, { SETTINGS: undefined })).status).toBe(404);
  });

  test("runs only its own script, under a nonce that is never the same", async () => {
    const nonces = new Set<string>();
    for (let time = 0; time < 2; time++) {
      const response = await fetchFrom(null, "/");
      const tags: string[] = [];
      const html = await new HTMLRewriter()
        .on("script, style", {
          element: ({ tagName, attributes }) => {
            tags.push([tagName, ...attributes].join(" "));
          },
        })
        .transform(response)
        .text();
      const csp = response.headers.get("Content-Security-Policy") ?? "";
      const nonce = /script-src 'nonce-([\w-]{36})'/.exec(csp)?.[1] ?? "none";
      expect(csp).toBe(
        `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; ` +
          "connect-src 'self' ws://tracker.test wss://tracker.test; img-src data:; " +
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(tags).toEqual([`style nonce,${nonce}`, `script type,module nonce,${nonce}`]);
      const [markup = ""] = html.split("<script");
      expect(markup).not.toMatch(/\bon\w+=|\bstyle=|\bsrc=/);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(2);
  });

  test("knows the limits of its deployment, and links to the prices alone", async () => {
    const limits = { upgradesPerMinute: 77, staleAfterMs: 9_000 };
    const response = await ask("/", {}, { SETTINGS: { demo: true, limits } });
    const [markup = ""] = (await response.text()).split("<script");
    expect(markup.match(/\bdata-\w+-[\w-]+="[^"]*"/g)).toEqual([
      'data-upgrades-per-minute="77"',
      'data-stale-after-ms="9000"',
    ]);
    expect(markup.match(/https?:[^"]+/g)).toEqual([
      "https://developers.cloudflare.com/workers/platform/pricing/",
      "https://developers.cloudflare.com/durable-objects/platform/pricing/",
    ]);
    expect(markup).not.toMatch(/%[A-Z_]+%/);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

function silenceLog() {
  return vi.spyOn(console, "error").mockImplementation(() => undefined);
}

function failing(error: Error): Promise<Response> {
  const { binding } = fakeNamespace(async () => {
    throw error;
  });
  return ask(WS, { headers: UPGRADE }, { PAGE_COUNTER: binding });
}

describe("failures", () => {
  test.for(["overloaded", "retryable"])(
    "an object that is %s is 503 with Retry-After",
    async (flag) => {
      silenceLog();
      const error = Object.assign(new Error("Durable Object is overloaded."), { [flag]: true });
      expect(
        await outline(await failing(error), "Retry-After", "Access-Control-Allow-Origin"),
      ).toEqual([
        503,
        refusal("overloaded", "the page is busy; try again in a few seconds"),
        "5",
        ORIGIN,
      ]);
    },
  );

  test("any other failure is 500 and tells nothing of its cause but to the log", async () => {
    const log = silenceLog();
    const error = new Error("secret");
    const response = await failing(error);
    expect(await outline(response, "Retry-After")).toEqual([
      500,
      refusal("internal_error", "something went wrong here; the log of the Worker says what"),
      null,
    ]);
    expect(log.mock.calls).toEqual([[error]]);
  });

  test("bindings that cannot even be read are 500, and the log says why", async () => {
    const log = silenceLog();
    const error = new Error("unreadable");
    const SETTINGS = {
      get demo() {
        throw error;
      },
    };
    const response = await ask("/health", { headers: { Origin: ORIGIN } }, { SETTINGS });
    expect(await outline(response, "Access-Control-Allow-Origin")).toEqual([
      500,
      refusal("internal_error", "something went wrong here; the log of the Worker says what"),
      null,
    ]);
    expect(log.mock.calls).toEqual([[error]]);
  });

  test("bindings that cannot be used allow nothing and are named in the log", async () => {
    const log = silenceLog();
    const bindings = { ALLOWED_ORIGINS: ["example.com"], SETTINGS: { demo: "yes" } };
    const response = await ask(WS, { headers: UPGRADE }, bindings);
    expect(response.status).toBe(403);
    expect(log.mock.calls).toEqual([
      ["ALLOWED_ORIGINS: 'example.com' has no scheme; use 'https://example.com'"],
      ['SETTINGS: demo: "yes" cannot be used; use true or false'],
    ]);
  });
});

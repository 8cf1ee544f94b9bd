import { listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { type Bindings, ask, fakeNamespace, outline, refusal } from "./support/ask.ts";
import { ORIGIN } from "./support/visitor.ts";

const ID = "test-user-123";
const ID_RULE = "use 8 to 64 letters, digits, '_' or '-', for example a UUID";
const OK = `page=/posts/hello&userId=${ID}`;

interface Attempt {
  readonly query?: string;
  readonly origin?: string | null;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly bindings?: Bindings;
}

/** Asks for a connection; what reaches the namespace is written down and answered with 200. */
async function attempt(options: Attempt, upgrade: boolean) {
  const { query = OK, origin = ORIGIN, method = "GET", headers = {}, bindings } = options;
  const namespace = fakeNamespace(() => Promise.resolve(Response.json("joined")));
  const all = {
    ...(upgrade ? { Upgrade: "websocket" } : {}),
    ...(origin === null ? {} : { Origin: origin }),
    ...headers,
  };
  const response = await ask(
    `/ws?${query}`,
    { method, headers: all },
    { ...bindings, PAGE_COUNTER: namespace.binding },
  );
  return { response, ...namespace };
}

const REFUSED: readonly [
  title: string,
  options: Attempt,
  status: number,
  code: string,
  message: string,
][] = [
  [
    "POST",
    { method: "POST" },
    405,
    "method_not_allowed",
    "'POST' cannot open a connection; use GET",
  ],
  [
    "HEAD's body aside, DELETE",
    { method: "DELETE" },
    405,
    "method_not_allowed",
    "'DELETE' cannot open a connection; use GET",
  ],
  [
    "a foreign origin",
    { origin: "https://evil.test" },
    403,
    "origin_not_allowed",
    "origin 'https://evil.test' is not served here; add it to allowedOrigins",
  ],
  [
    "an opaque origin",
    { origin: "null" },
    403,
    "origin_not_allowed",
    "origin 'null' is not served here; add it to allowedOrigins",
  ],
  [
    "no origin where 'none' is not listed",
    { origin: null, bindings: { ALLOWED_ORIGINS: [ORIGIN] } },
    403,
    "origin_not_allowed",
    "the request has no Origin header; add 'none' to allowedOrigins to serve such clients",
  ],
  [
    "the Worker's own origin without demo",
    { origin: "https://tracker.test", bindings: { SETTINGS: {} } },
    403,
    "origin_not_allowed",
    "origin 'https://tracker.test' is not served here; add it to allowedOrigins",
  ],
  [
    "a page of a site that is not served",
    { query: `page=https://evil.test/x&userId=${ID}` },
    403,
    "origin_not_allowed",
    "page 'https://evil.test/x' is on https://evil.test, which is not served here; add it to allowedOrigins",
  ],
  [
    "no page",
    { query: `userId=${ID}` },
    400,
    "bad_page",
    "page is missing; add ?page=/posts/my-post",
  ],
  [
    "an empty page",
    { query: `page=&userId=${ID}` },
    400,
    "bad_page",
    "page '' is neither a path nor an http(s) URL of at most 1000 bytes; use one such as /posts/my-post",
  ],
  [
    "a script as page",
    { query: `page=javascript:alert(1)&userId=${ID}` },
    400,
    "bad_page",
    "page 'javascript:alert(1)' is neither a path nor an http(s) URL of at most 1000 bytes; use one such as /posts/my-post",
  ],
  [
    "a page of 1,001 bytes",
    { query: `page=/${"a".repeat(1_001 - ORIGIN.length)}&userId=${ID}` },
    400,
    "bad_page",
    `page '/${"a".repeat(79)}…' is neither a path nor an http(s) URL of at most 1000 bytes; use one such as /posts/my-post`,
  ],
  ["no userId", { query: "page=/a" }, 400, "bad_user_id", `userId is missing; ${ID_RULE}`],
  [
    "a userId of seven characters",
    { query: "page=/a&userId=1234567" },
    400,
    "bad_user_id",
    `userId '1234567' cannot be used; ${ID_RULE}`,
  ],
  [
    "a userId of 65 characters",
    { query: `page=/a&userId=${"u".repeat(65)}` },
    400,
    "bad_user_id",
    `userId '${"u".repeat(65)}' cannot be used; ${ID_RULE}`,
  ],
  [
    "a userId with markup",
    { query: "page=/a&userId=<script>x</script>" },
    400,
    "bad_user_id",
    `userId '<script>x</script>' cannot be used; ${ID_RULE}`,
  ],
];

describe.for([
  ["with an upgrade", true],
  ["without one", false],
] as const)("%s", ([, upgrade]) => {
  test.for(REFUSED)(
    "%s is refused and no object is touched",
    async ([, options, status, code, message]) => {
      const { response, calls } = await attempt(options, upgrade);
      expect(await outline(response, "Cache-Control")).toEqual([
        status,
        refusal(code, message),
        "no-store",
      ]);
      expect(calls).toEqual([]);
    },
  );

  test("an address beyond its rate is refused, with the time to wait, and no object is touched", async () => {
    const keys: unknown[] = [];
    const RATE_LIMIT = {
      limit: (options: unknown) => {
        keys.push(options);
        return Promise.resolve({ success: false });
      },
    };
    const headers = { "CF-Connecting-IP": "2001:db8:1:2:3:4:5:6" };
    const { response, calls } = await attempt({ headers, bindings: { RATE_LIMIT } }, upgrade);
    expect(await outline(response, "Retry-After")).toEqual([
      429,
      refusal("rate_limited", "too many connections from this address; try again in a minute"),
      "60",
    ]);
    expect([keys, calls]).toEqual([[{ key: "2001:db8:1:2" }], []]);
  });
});

test("a refused request makes no object exist", async () => {
  const before = await listDurableObjectIds(env.PAGE_COUNTER);
  await ask(`/ws?page=/never&userId=${ID}`, { headers: { Origin: "https://evil.test" } });
  await ask(`/ws?page=/never&userId=${ID}`, { headers: { Origin: ORIGIN } });
  expect(await listDurableObjectIds(env.PAGE_COUNTER)).toEqual(before);
});

test("a request that is all well but for the upgrade is told so", async () => {
  const { response, calls } = await attempt({}, false);
  expect(await outline(response, "Upgrade", "Access-Control-Allow-Origin")).toEqual([
    426,
    refusal("upgrade_required", "this is a WebSocket address; connect with ws:// or wss://"),
    "websocket",
    ORIGIN,
  ]);
  expect(calls).toEqual([]);
  const other = await attempt({ headers: { Upgrade: "h2c" } }, false);
  expect(other.response.status).toBe(426);
});

describe("the page's object", () => {
  test.for([
    ["a path belongs to the origin", { query: OK }, `${ORIGIN}/posts/hello`],
    [
      "an absolute page is itself",
      { query: `page=https://shop.example.net/x/%2523&userId=${ID}` },
      "https://shop.example.net/x/%23",
    ],
    [
      "spelling does not matter",
      { query: `page=HTTPS://EXAMPLE.com:443/posts/%2568ello/%3Fa=1%23top&userId=${ID}` },
      `${ORIGIN}/posts/hello`,
    ],
    [
      "without an origin a path is the Worker's own",
      { origin: null },
      "https://tracker.test/posts/hello",
    ],
    [
      "an opaque origin has no pages of its own",
      { origin: "null", bindings: { ALLOWED_ORIGINS: ["null"] } },
      "https://tracker.test/posts/hello",
    ],
    ["the query is dropped", { query: `page=/p%3Fid%3D7%26utm%3Dx&userId=${ID}` }, `${ORIGIN}/p`],
    [
      "a parameter that tells pages apart is kept",
      {
        query: `page=/p%3Fid%3D7%26utm%3Dx&userId=${ID}`,
        bindings: { SETTINGS: { pageQuery: ["id"] } },
      },
      `${ORIGIN}/p?id=7`,
    ],
  ] as const)("%s", async ([, options, key]) => {
    const { calls } = await attempt(options, true);
    expect(calls).toEqual([["getByName", key, {}]]);
  });

  test("is placed where the settings say", async () => {
    const bindings = { SETTINGS: { jurisdiction: "eu", locationHint: "weur" } };
    const { calls } = await attempt({ bindings }, true);
    expect(calls).toEqual([
      ["jurisdiction", "eu"],
      ["getByName", `${ORIGIN}/posts/hello`, { locationHint: "weur" }],
    ]);
  });

  test("is told a hash that differs by page, and nothing else of the visitor", async () => {
    const headers = { "CF-Connecting-IP": "203.0.113.7", Cookie: "a=b", "User-Agent": "x" };
    const { requests } = await attempt({ headers }, true);
    const other = await attempt({ query: `page=/other&userId=${ID}` }, true);
    const url = new URL(requests[0]?.url ?? "");
    expect(requests.map((request) => [...request.headers])).toEqual([[["upgrade", "websocket"]]]);
    expect([...url.searchParams.keys()]).toEqual(["visitor"]);
    expect(url.searchParams.get("visitor")).toMatch(/^[\da-z]{10,13}$/);
    expect(other.requests[0]?.url).not.toBe(url.href);
  });

  test.for([
    ["observe=1", { query: `${OK}&observe=1` }],
    ["Sec-GPC", { headers: { "Sec-GPC": "1" } }],
    ["DNT", { headers: { DNT: "1" } }],
  ] as const)("is told of no visitor at all when asked not to by %s", async ([, options]) => {
    const { requests } = await attempt(options, true);
    expect(requests.map(({ url }) => new URL(url).search)).toEqual([""]);
  });
});

test("an address within its rate may join, and a request without an address is not limited", async () => {
  const RATE_LIMIT = { limit: () => Promise.resolve({ success: true }) };
  const headers = { "CF-Connecting-IP": "203.0.113.7" };
  const within = await attempt({ headers, bindings: { RATE_LIMIT } }, true);
  expect(within.response.status).toBe(200);
  const never = { limit: () => Promise.reject(new Error("asked")) };
  const without = await attempt({ bindings: { RATE_LIMIT: never } }, true);
  expect(without.response.status).toBe(200);
});

import { DEFAULT_LIMITS } from "@visitor-tracker/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderProblems, type Problem } from "../src/config-problems.ts";
import { CONFIG_KEYS, parseConfig } from "../src/config.ts";
import { defaultScriptName } from "../src/script-name.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const GOOD: { readonly [key: string]: string } = {
  accountId: ACCOUNT,
  allowedOrigins: '["https://example.com"]',
  workersDev: "true",
};

interface Source {
  readonly stack?: string;
  readonly values?: { readonly [key: string]: string | undefined };
  readonly secrets?: readonly string[];
}

/** Parses {@link GOOD} with some values changed or, by undefined, removed. */
function parse({ stack = "prod", values = {}, secrets = [] }: Source = {}) {
  const merged: { [key: string]: string } = {};
  for (const [key, value] of Object.entries({ ...GOOD, ...values })) {
    if (value !== undefined) merged[key] = value;
  }
  return parseConfig({ stack, values: merged, secretKeys: new Set(secrets) });
}

function problemsOf(source: Source): readonly Problem[] {
  return parse(source).problems;
}

describe("a config that is right", () => {
  test("is completed with defaults", () => {
    expect(parse()).toEqual({
      problems: [],
      config: {
        accountId: ACCOUNT,
        allowedOrigins: ["https://example.com"],
        scriptName: "visitor-tracker",
        exposure: { workersDev: true },
        settings: {
          demo: false,
          basePath: "",
          pageQuery: [],
          siteCount: false,
          limits: DEFAULT_LIMITS,
        },
        protect: true,
        allowDataLoss: [],
      },
    });
  });

  test("gives everything that it says", () => {
    const { config } = parse({
      stack: "staging",
      values: {
        workersDev: "false",
        route: "*.example.com/live/v1/*",
        zone: "example.com",
        manageDns: "true",
        customDomain: "count.example.com",
        scriptName: "counter_2",
        protect: "false",
        allowDataLoss: '["counter","PageCounter"]',
        adopt: '{"script":"counter_2","renamedClasses":{"Room":"PageCounter"}}',
        demo: "true",
        pageQuery: '["id","lang"]',
        siteCount: "true",
        limits: '{"tabsPerVisitor":3}',
        locationHint: "weur",
        jurisdiction: "eu",
      },
    });
    expect(config).toEqual({
      accountId: ACCOUNT,
      allowedOrigins: ["https://example.com"],
      scriptName: "counter_2",
      exposure: {
        customDomain: "count.example.com",
        route: {
          pattern: "*.example.com/live/v1/*",
          host: "*.example.com",
          basePath: "/live/v1",
          manageDns: true,
        },
        zone: "example.com",
        workersDev: false,
      },
      settings: {
        demo: true,
        basePath: "/live/v1",
        pageQuery: ["id", "lang"],
        siteCount: true,
        limits: { ...DEFAULT_LIMITS, tabsPerVisitor: 3 },
        locationHint: "weur",
        jurisdiction: "eu",
      },
      protect: false,
      allowDataLoss: ["counter", "PageCounter"],
      adopt: { script: "counter_2", renamedClasses: { Room: "PageCounter" } },
    });
  });

  test("has its origins sorted and once each, so that only a change of the set is a change", () => {
    const { config } = parse({
      values: { allowedOrigins: '["none","https://b.com","https://a.com","https://b.com"]' },
    });
    expect(config?.allowedOrigins).toEqual(["https://a.com", "https://b.com", "none"]);
  });

  test("shows the demo page on the local stack alone, and protects only production", () => {
    const local = parse({
      stack: "local",
      values: {
        cloudflareBaseUrl: "http://127.0.0.1:8789/client/v4/",
        edgeUrl: "http://localhost:8788",
      },
    }).config;
    expect([local?.settings.demo, local?.protect]).toEqual([true, false]);
    expect(local?.localCloud).toEqual({
      baseUrl: "http://127.0.0.1:8789/client/v4",
      edgeUrl: "http://localhost:8788",
    });
    const staging = parse({ stack: "staging" }).config;
    expect([staging?.settings.demo, staging?.protect]).toEqual([false, false]);
  });

  test("may serve a route in a zone given by its ID, and the zone's own apex", () => {
    expect(problemsOf({ values: { route: "blog.other.org/*", zone: ACCOUNT } })).toEqual([]);
    expect(problemsOf({ values: { route: "example.com/*", zone: "example.com" } })).toEqual([]);
    expect(problemsOf({ values: { route: "localhost/*", zone: "localhost" } })).toEqual([]);
  });

  test.each([
    ["prod", "visitor-tracker"],
    ["staging", "visitor-tracker-staging"],
    ["PR.42_x", "visitor-tracker-pr-42_x"],
    ["x".repeat(100), `visitor-tracker-${"x".repeat(47)}`],
  ])("stack %s has a script of its own", (stack, name) => {
    expect(defaultScriptName("visitor-tracker", stack)).toBe(name);
    expect(parse({ stack }).config?.scriptName).toBe(name);
  });
});

const SET = "pulumi config set --stack prod";
const REMOVE = "pulumi config rm --stack prod";

/** Values that replace those of GOOD, and the problems: key, message, fix. */
const BAD: readonly [
  what: string,
  values: { readonly [key: string]: string | undefined },
  ...problems: (readonly [key: string, message: string, fix: string])[],
][] = [
  [
    "no account",
    { accountId: undefined },
    [
      "accountId",
      "is not set; it is the account's ID, 32 hexadecimal digits in lower case, and stands in the dashboard's address: dash.cloudflare.com/<account ID>",
      `${SET} accountId 0123456789abcdef0123456789abcdef`,
    ],
  ],
  [
    "an account ID that YAML took for a number",
    { accountId: "1.2345678901234568e+31" },
    [
      "accountId",
      "'1.2345678901234568e+31' is not the account's ID, 32 hexadecimal digits in lower case (in YAML, in quotes)",
      `${SET} accountId 0123456789abcdef0123456789abcdef`,
    ],
  ],
  [
    "no origins",
    { allowedOrigins: undefined },
    [
      "allowedOrigins",
      "is not set; list the sites whose pages may count visitors",
      `${SET} --path 'allowedOrigins[0]' https://example.com`,
    ],
  ],
  [
    "an empty list of origins",
    { allowedOrigins: "[]" },
    [
      "allowedOrigins",
      '[] is not a list of origins; use ["https://example.com"]',
      `${SET} allowedOrigins '["https://example.com"]'`,
    ],
  ],
  [
    "one origin instead of a list",
    { allowedOrigins: "https://a.com/" },
    [
      "allowedOrigins",
      '"https://a.com/" is not a list of origins; use ["https://example.com"]',
      `${SET} allowedOrigins '["https://a.com"]'`,
    ],
  ],
  [
    "origins with a path, without a scheme, and not text",
    { allowedOrigins: '["https://ok.com","https://a.com/","b.com",7]' },
    [
      "allowedOrigins",
      "'https://a.com/' has a path; use 'https://a.com'",
      `${SET} --path 'allowedOrigins[1]' https://a.com`,
    ],
    [
      "allowedOrigins",
      "'b.com' has no scheme; use 'https://b.com'",
      `${SET} --path 'allowedOrigins[2]' https://b.com`,
    ],
    [
      "allowedOrigins",
      '7 is not a string; use "https://example.com"',
      `${SET} --path 'allowedOrigins[3]' https://example.com`,
    ],
  ],
  [
    "no address",
    { workersDev: undefined },
    [
      "workersDev",
      "the Worker would have no address; set at least one of customDomain, route (with zone) and workersDev",
      `${SET} workersDev true`,
    ],
  ],
  [
    "workers.dev turned off and nothing else",
    { workersDev: "false" },
    [
      "workersDev",
      "the Worker would have no address; set at least one of customDomain, route (with zone) and workersDev",
      `${SET} workersDev true`,
    ],
  ],
  [
    "a flag that is neither true nor false",
    { workersDev: "yes" },
    ["workersDev", "'yes' is not true or false", `${SET} workersDev true`],
  ],
  [
    "a custom domain written as a URL",
    { customDomain: "https://Count.example.com/live" },
    [
      "customDomain",
      "'https://Count.example.com/live' is not a host name (lower case, without scheme, port, path and wildcard)",
      `${SET} customDomain count.example.com`,
    ],
  ],
  [
    "a custom domain that is nothing like a host",
    { customDomain: "a b" },
    [
      "customDomain",
      "'a b' is not a host name (lower case, without scheme, port, path and wildcard)",
      `${SET} customDomain count.example.com`,
    ],
  ],
  [
    "a custom domain outside its zone",
    { customDomain: "count.example.org", zone: "example.com" },
    [
      "customDomain",
      "'count.example.org' is not in the zone 'example.com'",
      `${SET} customDomain count.example.com`,
    ],
  ],
  [
    "a route without a zone",
    { route: "blog.example.com/live/*" },
    [
      "zone",
      "is not set, and the route 'blog.example.com/live/*' needs it: the domain at Cloudflare that its host belongs to",
      `${SET} zone example.com`,
    ],
  ],
  [
    "a route outside its zone, by a name that only ends like it",
    { route: "notexample.com/*", zone: "example.com" },
    [
      "route",
      "'notexample.com/*' is not in the zone 'example.com'",
      `${SET} route 'live.example.com/*'`,
    ],
  ],
  [
    "a route with a scheme",
    { route: "https://blog.example.com/live", zone: "example.com" },
    [
      "route",
      "'https://blog.example.com/live' has a scheme; a route has none",
      `${SET} route 'blog.example.com/live/*'`,
    ],
  ],
  [
    "a route that is one path",
    { route: "blog.example.com/live*", zone: "example.com" },
    ["route", "'blog.example.com/live*' does not end with /*", `${SET} route 'blog.example.com/*'`],
  ],
  [
    "a route with a port",
    { route: "localhost:8788/*", zone: "localhost" },
    [
      "route",
      "'localhost:8788/*' has no valid host (lower case, without port; a wildcard only as *. in front)",
      `${SET} route 'localhost/*'`,
    ],
  ],
  [
    "a route with a wildcard inside its path",
    { route: "*.example.com/*/live/*", zone: "example.com" },
    [
      "route",
      "'*.example.com/*/live/*' has a path that cannot be served (letters, digits, . _ ~ and - between slashes, and no * but the last)",
      `${SET} route '*.example.com/live/*'`,
    ],
  ],
  [
    "a route that takes every host",
    { route: "*/*", zone: "example.com" },
    [
      "route",
      "'*/*' has no valid host (lower case, without port; a wildcard only as *. in front)",
      `${SET} route 'blog.example.com/live/*'`,
    ],
  ],
  [
    "a route and a custom domain on one host",
    { route: "count.example.com/live/*", zone: "example.com", customDomain: "count.example.com" },
    [
      "route",
      "'count.example.com/live/*' is on 'count.example.com', which customDomain serves as a whole; keep one of them",
      `${REMOVE} route`,
    ],
  ],
  [
    "a zone that nothing uses",
    { zone: "example.com" },
    [
      "zone",
      "'example.com' has no use without a route or a customDomain",
      `${SET} route 'example.com/live/*'`,
    ],
  ],
  [
    "a zone that is a URL",
    { zone: "https://example.com/", route: "example.com/*" },
    [
      "zone",
      "'https://example.com/' is neither a zone's name nor its ID (32 hexadecimal digits)",
      `${SET} zone example.com`,
    ],
  ],
  [
    "a DNS record without a route",
    { manageDns: "true" },
    ["manageDns", "makes the DNS record of a route, and there is no route", `${REMOVE} manageDns`],
  ],
  [
    "a script name with spaces and capitals",
    { scriptName: "My Counter!" },
    [
      "scriptName",
      "'My Counter!' cannot name a script (lower-case letters, digits, _ and -, no - in front, at most 63)",
      `${SET} scriptName my-counter`,
    ],
  ],
  [
    "a script name of 64 letters",
    { scriptName: "a".repeat(64) },
    [
      "scriptName",
      `'${"a".repeat(64)}' cannot name a script (lower-case letters, digits, _ and -, no - in front, at most 63)`,
      `${SET} scriptName ${"a".repeat(63)}`,
    ],
  ],
  [
    "data loss allowed for a protected script",
    { allowDataLoss: "old" },
    [
      "allowDataLoss",
      "'old' has no effect while the script is protected; take the protection off in an update of its own first",
      `${SET} protect false`,
    ],
  ],
  [
    "data loss allowed by a flag",
    { allowDataLoss: "True", protect: "false" },
    [
      "allowDataLoss",
      "'True' is not the name of a script or a Durable Object class; it names what may be destroyed",
      `${REMOVE} allowDataLoss`,
    ],
  ],
  [
    "data loss allowed for nothing",
    { allowDataLoss: "[]", protect: "false" },
    [
      "allowDataLoss",
      "[] is not the name of a script or a Durable Object class; it names what may be destroyed",
      `${REMOVE} allowDataLoss`,
    ],
  ],
  [
    "an adoption by a flag",
    { adopt: "true" },
    [
      "adopt",
      "true does not name the script that may be taken over",
      `${SET} --path adopt.script visitor-tracker`,
    ],
  ],
  [
    "an adoption with two classes that become one",
    { adopt: '{"script":"a","renamedClasses":{"A":"PageCounter","B":"PageCounter"}}' },
    [
      "adopt.renamedClasses",
      '{"A":"PageCounter","B":"PageCounter"} does not give each deployed class a name of its own in this code',
      `${SET} --path adopt.renamedClasses.VisitorCounter PageCounter`,
    ],
  ],
  [
    "an adoption that says more",
    { adopt: '{"script":"a","tag":"v1"}' },
    [
      "adopt.tag",
      "is not known; adopt has script and renamedClasses",
      `${REMOVE} --path adopt.tag`,
    ],
  ],
  [
    "limits out of bounds and unknown",
    { limits: '{"tabsPerVisitor":0,"staleAfterMs":"45s","tabs":3}' },
    [
      "limits.tabsPerVisitor",
      "0 cannot be used; use a whole number from 1 to 100",
      `${SET} --path limits.tabsPerVisitor 8`,
    ],
    [
      "limits.staleAfterMs",
      '"45s" cannot be used; use a whole number from 1000 to 300000',
      `${SET} --path limits.staleAfterMs 45000`,
    ],
    [
      "limits.tabs",
      "is unknown; known are staleAfterMs, sweepEveryMs, tabsPerVisitor, splitAtSockets, splitAtJoinsPerSecond, mergeAfterMs, socketsPerObject, joinsPerSecond, upgradesPerMinute, readsPerMinute",
      `${REMOVE} --path limits.tabs`,
    ],
  ],
  [
    "limits that are no object",
    { limits: "8" },
    [
      "limits",
      '8 is not an object; use {"tabsPerVisitor": 8}',
      `${SET} limits '{"tabsPerVisitor":8}'`,
    ],
  ],
  [
    "a place and a jurisdiction that do not exist, and parameters that are no list",
    { locationHint: "mars", jurisdiction: "us", pageQuery: "id" },
    [
      "pageQuery",
      '"id" cannot be used; use a list of parameter names such as ["id"]',
      `${SET} pageQuery '["id"]'`,
    ],
    [
      "locationHint",
      '"mars" cannot be used; use one of wnam, enam, sam, weur, eeur, apac, oc, afr, me',
      `${SET} locationHint wnam`,
    ],
    ["jurisdiction", '"us" cannot be used; use one of eu, fedramp', `${SET} jurisdiction eu`],
  ],
  [
    "an API that is not on this machine",
    { cloudflareBaseUrl: "https://api.cloudflare.com/client/v4" },
    [
      "cloudflareBaseUrl",
      "'https://api.cloudflare.com/client/v4' is not an http address of this machine (127.0.0.1, [::1] or localhost); it is for the local cloud only",
      `${REMOVE} cloudflareBaseUrl`,
    ],
  ],
  [
    "an API on a host that only looks like this machine",
    { cloudflareBaseUrl: "http://127.0.0.1.example.com/" },
    [
      "cloudflareBaseUrl",
      "'http://127.0.0.1.example.com/' is not an http address of this machine (127.0.0.1, [::1] or localhost); it is for the local cloud only",
      `${REMOVE} cloudflareBaseUrl`,
    ],
  ],
  [
    "an edge without an API",
    { edgeUrl: "http://localhost:8788" },
    [
      "edgeUrl",
      "'http://localhost:8788' is the local cloud's, and cloudflareBaseUrl is not set; keep both or none",
      `${REMOVE} edgeUrl`,
    ],
  ],
  [
    "a misspelt key",
    { allowedOrigin: '["https://a.com"]' },
    [
      "allowedOrigin",
      "is not a setting of this project; did you mean allowedOrigins?",
      `${REMOVE} allowedOrigin`,
    ],
  ],
  [
    "a key in another spelling",
    { "workers-dev": "true" },
    [
      "workers-dev",
      "is not a setting of this project; did you mean workersDev?",
      `${REMOVE} workers-dev`,
    ],
  ],
];

describe("a config that is wrong", () => {
  test.each(BAD)("is refused: %s", (_what, values, ...problems) => {
    expect(problemsOf({ values })).toEqual(
      problems.map(([key, message, fix]) => ({ key, message, fix })),
    );
  });

  test("is refused with everything at once, by key", () => {
    const problems = problemsOf({
      values: {
        accountId: "acc",
        allowedOrigins: "*",
        workersDev: "1",
        limits: "{}",
        demo: "on",
        siteCount: "on",
      },
    });
    expect(problems.map(({ key }) => key)).toEqual([
      "accountId",
      "allowedOrigins",
      "workersDev",
      "demo",
      "siteCount",
    ]);
  });

  test("of the local stack names the local cloud's address", () => {
    expect(problemsOf({ stack: "local" })).toEqual([
      {
        key: "cloudflareBaseUrl",
        message:
          "is not set, and this stack is for the local cloud; use another stack to deploy to Cloudflare",
        fix: "pulumi config set --stack local cloudflareBaseUrl http://127.0.0.1:8789/client/v4",
      },
    ]);
  });

  test("is explained without the secret's value", () => {
    const [problem] = problemsOf({ values: { accountId: "my-secret" }, secrets: ["accountId"] });
    expect(problem?.message).toBe(
      "[secret] is not the account's ID, 32 hexadecimal digits in lower case",
    );
  });

  test("is refused when it encrypts what previews must show", () => {
    expect(problemsOf({ secrets: ["accountId", "allowedOrigins"] })).toEqual([
      {
        key: "allowedOrigins",
        message:
          "is a secret, but visitors can see it anyway, and previews could not show its changes; set it in clear",
        fix: `${SET} allowedOrigins '<value>'`,
      },
    ]);
  });

  test("reads as one message: the stack, its file, each problem and its command", () => {
    const problems = problemsOf({ values: { workersDev: "yes", edgeUrl: "http://localhost:1" } });
    expect(renderProblems("prod", problems)).toBe(
      [
        "Stack 'prod' cannot be deployed, its config (Pulumi.prod.yaml) has 2 problems:",
        "  workersDev: 'yes' is not true or false",
        "      pulumi config set --stack prod workersDev true",
        "  edgeUrl: 'http://localhost:1' is the local cloud's, and cloudflareBaseUrl is not set; keep both or none",
        "      pulumi config rm --stack prod edgeUrl",
      ].join("\n"),
    );
  });

  test("never makes the check itself fail, whatever the values are", () => {
    const key = fc.oneof(fc.constantFrom(...CONFIG_KEYS), fc.string());
    const value = fc.oneof(
      fc.string(),
      fc.json({ maxDepth: 1 }),
      fc.webUrl(),
      fc.constantFrom("true", "false"),
    );
    fc.assert(
      fc.property(
        fc.dictionary(key, value, { maxKeys: 5 }),
        fc.string({ minLength: 1 }),
        (values, stack) => {
          const { config, problems } = parseConfig({ stack, values, secretKeys: new Set() });
          const isSaid = problems.every(
            ({ message, fix }) => message !== "" && fix.startsWith("pulumi config "),
          );
          expect([isSaid, config === undefined]).toEqual([true, problems.length > 0]);
        },
      ),
    );
  }, 20_000);
});

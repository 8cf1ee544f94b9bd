import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type RoutedRequest,
  isMatch,
  isPatternInZone,
  matchRoute,
  parseRoutePattern,
} from "../src/edge/match.ts";

function at(url: string): RoutedRequest {
  const { protocol, hostname, pathname, search } = new URL(url);
  return {
    scheme: protocol === "https:" ? "https" : "http",
    hostname,
    pathAndQuery: pathname + search,
  };
}

function winner(patterns: readonly string[], url: string): string | undefined {
  return matchRoute(
    patterns.map((pattern) => ({ pattern })),
    at(url),
  )?.pattern;
}

describe("parseRoutePattern", () => {
  test("takes a pattern apart", () => {
    expect(parseRoutePattern("https://*.Example.com/Images/*")).toEqual({
      ok: true,
      pattern: {
        scheme: "https",
        isHostOpen: true,
        host: ".example.com",
        isPathOpen: true,
        path: "/Images/",
      },
    });
  });

  test("a pattern without a path means the root", () => {
    expect(parseRoutePattern("example.com")).toEqual({
      ok: true,
      pattern: {
        scheme: null,
        isHostOpen: false,
        host: "example.com",
        isPathOpen: false,
        path: "/",
      },
    });
  });

  test.each([
    ["", "no host", "Route pattern must include zone name: "],
    ["/path/*", "no host", "Route pattern must include zone name: /path/*"],
    ["https:///path", "no host", "Route pattern must include zone name: https:///path"],
    [
      "example.com/*.jpg",
      "wildcard",
      "Route pattern may only contain wildcards at the beginning of the hostname and the end of the path: example.com/*.jpg",
    ],
    [
      "www.*.com/",
      "wildcard",
      "Route pattern may only contain wildcards at the beginning of the hostname and the end of the path: www.*.com/",
    ],
    [
      "example.*",
      "wildcard",
      "Route pattern may only contain wildcards at the beginning of the hostname and the end of the path: example.*",
    ],
    [
      "example.com/**",
      "wildcard",
      "Route pattern may only contain wildcards at the beginning of the hostname and the end of the path: example.com/**",
    ],
    [
      "example.com/?foo=*",
      "query",
      "Route pattern should not have query parameters: example.com/?foo=*",
    ],
    ["example.com:8788/*", "unreadable", "Could not understand route pattern: example.com:8788/*"],
    ["ftp://example.com/", "unreadable", "Could not understand route pattern: ftp://example.com/"],
    ["exa mple.com/", "unreadable", "Could not understand route pattern: exa mple.com/"],
    ["example.com/#top", "unreadable", "Could not understand route pattern: example.com/#top"],
  ])("%j is refused: %s", (pattern, fault, message) => {
    expect(parseRoutePattern(pattern)).toEqual({ ok: false, fault, message });
  });

  test("reads or refuses any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof parseRoutePattern(text).ok).toBe("boolean");
      }),
    );
  });
});

describe("isPatternInZone", () => {
  test.each([
    ["example.com/*", true],
    ["*example.com/*", true],
    ["*.example.com/*", true],
    ["a.EXAMPLE.com/", true],
    ["myexample.com/*", false],
    ["*/*", false],
    ["example.org/*", false],
  ])("%s belongs to example.com: %s", (text, expected) => {
    const parsed = parseRoutePattern(text);
    expect(parsed.ok && isPatternInZone(parsed.pattern, "example.com")).toBe(expected);
  });
});

describe("matchRoute", () => {
  test.each([
    ["example.com", "https://example.com/", true],
    ["example.com", "https://example.com/a", false],
    ["example.com/", "https://example.com/?q=1", false],
    ["example.com/*", "https://example.com/?q=1", true],
    ["https://*.example.com/", "https://www.example.com/", true],
    ["https://*.example.com/", "http://www.example.com/", false],
    ["*.example.com/", "http://www.example.com/", true],
    ["*example.com/", "https://example.com/", true],
    ["*example.com/", "https://www.example.com/", true],
    ["*example.com/", "https://myexample.com/", true],
    ["*.example.com/", "https://example.com/", false],
    ["example.com/path*", "https://example.com/path", true],
    ["example.com/path*", "https://example.com/path2", true],
    ["example.com/path*", "https://example.com/path/readme.txt", true],
    ["example.com/path/*", "https://example.com/path", false],
    ["example.com/Images/*", "https://example.com/images/a", false],
    ["Example.COM/*", "https://example.com/", true],
  ])("%s against %s: %s", (pattern, url, expected) => {
    expect(winner([pattern], url)).toBe(expected ? pattern : undefined);
  });

  test.each([
    [["*.example.com/*", "www.example.com/*"], "https://www.example.com/", "www.example.com/*"],
    [
      ["example.com/*", "example.com/hello/*"],
      "https://example.com/hello/world",
      "example.com/hello/*",
    ],
    [
      ["*example.com/images/*", "*example.com/images/cat.png"],
      "https://example.com/images/cat.png",
      "*example.com/images/cat.png",
    ],
    [
      ["*example.com/images/*", "*example.com/images/cat.png"],
      "https://example.com/images/cat.png?foo=bar",
      "*example.com/images/*",
    ],
    [["*.example.com/a", "a.example.com/*"], "https://a.example.com/a", "a.example.com/*"],
    [
      ["example.com/images/*", "example.com/images*"],
      "https://example.com/images/hello",
      "example.com/images*",
    ],
    [["example.com/*", "https://example.com/*"], "https://example.com/", "https://example.com/*"],
    [["*/*", "*com/*", "*.example.com/*"], "https://a.example.com/", "*.example.com/*"],
  ])("of %j the request for %s gets %s", (patterns, url, expected) => {
    expect(winner(patterns, url)).toBe(expected);
    expect(winner(patterns.toReversed(), url)).toBe(expected);
  });

  const label = fc.constantFrom("a", "b", "ab", "www");
  const host = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join("."));
  const path = fc.array(label, { maxLength: 3 }).map((parts) => `/${parts.join("/")}`);
  const pattern = fc
    .tuple(
      fc.constantFrom("", "http://", "https://"),
      fc.constantFrom("", "*", "*."),
      host,
      path,
      fc.constantFrom("", "*", "/*"),
    )
    .map((parts) => parts.join(""));
  const request = fc.record({
    scheme: fc.constantFrom("http" as const, "https" as const),
    hostname: host,
    pathAndQuery: fc
      .tuple(path, fc.constantFrom("", "?q=1"))
      .map(([start, query]) => start + query),
  });

  test("agrees with the pattern read as a regular expression", () => {
    fc.assert(
      fc.property(pattern, request, (text, { scheme, hostname, pathAndQuery }) => {
        const parsed = parseRoutePattern(text);
        const [, prefix = "https?://", hosts = "", paths = "/"] =
          /^(https?:\/\/)?([^/]*)(\/.*)?$/.exec(text.replaceAll(/[.?+]/g, String.raw`\$&`)) ?? [];
        const source = prefix + hosts.replace("*", "[^/]*") + paths.replaceAll("*", ".*");
        const expected = new RegExp(`^${source}$`).test(`${scheme}://${hostname}${pathAndQuery}`);
        expect(parsed.ok && isMatch(parsed.pattern, { scheme, hostname, pathAndQuery })).toBe(
          expected,
        );
      }),
      {
        numRuns: 5_000,
        examples: [["*b/*", { scheme: "http", hostname: "a", pathAndQuery: "/ab/a" }]],
      },
    );
  });

  test("finds a route whenever one matches, whatever the order, and always the same one", () => {
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 6 }), request, (patterns, asked) => {
        const routes = patterns.map((text) => ({ pattern: text }));
        const matching = routes.filter(({ pattern: text }) => {
          const parsed = parseRoutePattern(text);
          return parsed.ok && isMatch(parsed.pattern, asked);
        });
        const found = matchRoute(routes, asked);
        expect(found !== null).toBe(matching.length > 0);
        expect(matchRoute(routes.toReversed(), asked)?.pattern).toBe(found?.pattern);
      }),
    );
  });
});

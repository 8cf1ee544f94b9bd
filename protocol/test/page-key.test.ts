import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_PAGE_KEY_BYTES, pageKey, pageKeyOrigin } from "../src/index.ts";

const origin = "https://example.com";

describe("a page key", () => {
  test.each([
    ["/posts/hello", "https://example.com/posts/hello"],
    ["/posts/hello/", "https://example.com/posts/hello"],
    ["/posts/hello?utm=1#top", "https://example.com/posts/hello"],
    ["/", "https://example.com/"],
    ["//", "https://example.com/"],
    ["//evil.test/x", "https://example.com//evil.test/x"],
    ["/\\evil.test/x", "https://example.com//evil.test/x"],
    ["/a/../b/./c", "https://example.com/b/c"],
    ["/caf%c3%a9", "https://example.com/caf%C3%A9"],
    ["/café", "https://example.com/caf%C3%A9"],
    ["/%7euser/%41", "https://example.com/~user/A"],
    ["/100%", "https://example.com/100%25"],
    ["/x/%2%65", "https://example.com/x/%252e"],
    ["https://EXAMPLE.com:443/a", "https://example.com/a"],
    ["http://example.com:80/a", "http://example.com/a"],
    ["https://other.test:8443/a/", "https://other.test:8443/a"],
  ])("%s is %s", (page, key) => {
    expect(pageKey(page, { origin })).toBe(key);
  });

  test.each([
    "",
    "posts/hello",
    "javascript:alert(1)",
    "ftp://example.com/",
    "https://",
    "https://u:p@example.com/",
  ])("%j is no page", (page) => expect(pageKey(page, { origin })).toBeNull());

  test.each([undefined, null, 7, {}, ["/a"]])("%j is no page", (page) => {
    expect(pageKey(page, { origin })).toBeNull();
  });

  test("keeps only the listed query parameters, in one order", () => {
    const pageQuery = ["id", "lang"];
    expect(pageKey("/p?utm=1&lang=de&id=7&id=8", { origin, pageQuery })).toBe(
      "https://example.com/p?id=7&id=8&lang=de",
    );
  });

  test(`has at most ${MAX_PAGE_KEY_BYTES} bytes`, () => {
    const longest = `/${"a".repeat(MAX_PAGE_KEY_BYTES - origin.length - 1)}`;
    expect(pageKey(longest, { origin })).toHaveLength(MAX_PAGE_KEY_BYTES);
    expect(pageKey(`${longest}a`, { origin })).toBeNull();
    expect(pageKey(`/${"é".repeat(300)}`, { origin })).toBeNull();
  });

  test("cannot be made from a path when the origin is none", () => {
    expect(pageKey("/a", { origin: "null" })).toBeNull();
  });
});

describe("whatever the page", () => {
  const page = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.webPath().map((path) => `/${path}`),
    fc
      .string({
        unit: fc.constantFrom(
          "/",
          ".",
          "%",
          "%2",
          "%6",
          "2",
          "5",
          "e",
          "E",
          "7",
          "?",
          "a",
          "=",
          "&",
          "\\",
          "#",
        ),
      })
      .map((path) => `/${path}`),
  );
  const options = { origin, pageQuery: ["a", "id"] };

  test("the key is its own key, in ASCII, within the limit, and nothing throws", () => {
    fc.assert(
      fc.property(page, (value) => {
        const key = pageKey(value, options);
        if (key === null) return;
        expect(pageKey(key, options)).toBe(key);
        expect(key).toMatch(/^https?:\/\/[\x21-\x7e]+$/);
        expect(key.length).toBeLessThanOrEqual(MAX_PAGE_KEY_BYTES);
        expect(key.startsWith(pageKeyOrigin(key))).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });

  test("a path stays on its own origin", () => {
    fc.assert(
      fc.property(fc.string(), (path) => {
        const key = pageKey(`/${path}`, { origin });
        expect(key === null || pageKeyOrigin(key) === origin).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

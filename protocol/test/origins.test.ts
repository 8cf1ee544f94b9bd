import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isOriginAllowed, parseOrigins } from "../src/index.ts";

function allows(entries: string[], origin: string | null): boolean {
  const { rules, errors } = parseOrigins(entries);
  expect(errors).toEqual([]);
  return isOriginAllowed(rules, origin);
}

describe("an allowed origin", () => {
  test.each([
    ["https://example.com", "https://example.com", true],
    ["https://example.com", "https://EXAMPLE.com", true],
    ["https://example.com:443", "https://example.com", true],
    ["https://example.com", "https://example.com:8443", false],
    ["https://example.com", "http://example.com", false],
    ["https://example.com", "https://a.example.com", false],
    ["https://example.com", "https://example.com.evil.test", false],
    ["https://*.example.com", "https://a.example.com", true],
    ["https://*.example.com", "https://a.b.example.com", true],
    ["https://*.example.com", "https://example.com", false],
    ["https://*.example.com", "https://evilexample.com", false],
    ["http://localhost:*", "http://localhost:5173", true],
    ["http://localhost:*", "http://localhost", true],
    ["http://localhost:*", "https://localhost:5173", false],
    ["http://[::1]:8788", "http://[::1]:8788", true],
    ["https://bücher.example", "https://xn--bcher-kva.example", true],
    ["*", "https://anything.test", true],
    ["null", "https://anything.test", false],
  ])("%s against %s is %s", (entry, origin, expected) => {
    expect(allows([entry], origin)).toBe(expected);
  });

  test("no Origin header needs `*` or `none`", () => {
    expect(allows(["https://example.com"], null)).toBe(false);
    expect(allows(["https://example.com", "none"], null)).toBe(true);
    expect(allows(["*"], null)).toBe(true);
  });

  test("the opaque origin needs `*` or `null`", () => {
    expect(allows(["https://example.com", "none"], "null")).toBe(false);
    expect(allows(["null"], "null")).toBe(true);
    expect(allows(["*"], "null")).toBe(true);
  });

  test.each([
    "https://example.com/",
    "https://example.com/path",
    " https://example.com",
    "example.com",
    "",
  ])("the header %j is no origin", (origin) =>
    expect(allows(["https://example.com", "https://*.com"], origin)).toBe(false),
  );
});

describe("an entry that cannot be used says what to do", () => {
  test.each<[unknown, string]>([
    ["https://a.com/", "'https://a.com/' has a path; use 'https://a.com'"],
    ["https://a.com?x=1", "'https://a.com?x=1' has a path; use 'https://a.com'"],
    ["a.com", "'a.com' has no scheme; use 'https://a.com'"],
    ["", "'' has no scheme; use 'https://example.com'"],
    ["ftp://a.com", "'ftp://a.com' is not http or https; use 'https://example.com'"],
    ["https://u:p@a.com", "'https://u:p@a.com' has a user name; use 'https://example.com'"],
    [
      "https://a.*.com",
      "'https://a.*.com' has a wildcard in the middle; use 'https://*.example.com' or list the origins",
    ],
    [
      "https://a.com:99999",
      "'https://a.com:99999' has no valid host or port; use 'https://example.com'",
    ],
    ["https://a b.com", "'https://a b.com' has no valid host or port; use 'https://example.com'"],
    [
      "https://*.10.0.0.1",
      "'https://*.10.0.0.1' has a wildcard before an IP address; list the addresses instead",
    ],
    [7, '7 is not a string; use "https://example.com"'],
  ])("%j", (entry, message) => {
    expect(parseOrigins([entry]).errors).toEqual([message]);
  });

  test("a list that is none, or empty, is an error too", () => {
    expect(parseOrigins([]).errors).toEqual([
      '[] is not a list of origins; use ["https://example.com"]',
    ]);
    expect(parseOrigins("https://a.com").errors).toHaveLength(1);
    expect(parseOrigins(undefined).errors).toHaveLength(1);
  });

  test("each bad entry is named and the good ones are kept", () => {
    const { rules, errors } = parseOrigins(["https://a.com", "b.com", "https://c.com/"]);
    expect([rules.length, errors.length]).toEqual([1, 2]);
  });
});

describe("whatever comes in", () => {
  test("parsing and matching never throw", () => {
    fc.assert(
      fc.property(fc.anything(), fc.option(fc.string()), (entries, origin) => {
        expect(typeof isOriginAllowed(parseOrigins(entries).rules, origin)).toBe("boolean");
      }),
    );
  });

  test("an entry is a rule or an error, never both or neither", () => {
    const entry = fc.oneof(
      fc.string(),
      fc.webUrl(),
      fc.domain().map((host) => `https://*.${host}`),
    );
    fc.assert(
      fc.property(entry, (value) => {
        const { rules, errors } = parseOrigins([value]);
        expect(rules.length + errors.length).toBe(1);
      }),
    );
  });

  test("an origin allows itself, its subdomains only by wildcard, and no other scheme", () => {
    fc.assert(
      fc.property(fc.domain(), (host) => {
        expect(allows([`https://${host}`], `https://${host}`)).toBe(true);
        expect(allows([`https://${host}`], `http://${host}`)).toBe(false);
        expect(allows([`https://${host}`], `https://x.${host}`)).toBe(false);
        expect(allows([`https://*.${host}`], `https://x.${host}`)).toBe(true);
        expect(allows([`https://*.${host}`], `https://${host}`)).toBe(false);
      }),
    );
  });
});

import { describe, expect, test } from "vitest";
import { contrast, parseColor, textColorOn } from "../src/badge/color.ts";
import { AUTO_THEME_CSS, drawBadge } from "../src/badge/draw.ts";
import { type BadgeOptions, parseBadgeOptions } from "../src/badge/options.ts";
import { textWidth } from "../src/badge/text-width.ts";
import { outline, refusal } from "./support/ask.ts";
import { Pages } from "./support/pages.ts";
import { ORIGIN } from "./support/visitor.ts";

const DEFAULTS: BadgeOptions = {
  label: "visitors now",
  style: "flat",
  theme: "classic",
  color: null,
  labelColor: null,
  minimum: 0,
};

function draw(count: number, options: Partial<BadgeOptions> = {}): string {
  return drawBadge(count, { ...DEFAULTS, ...options });
}

/** Texts that are drawn, unescaped by nobody. */
function texts(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) => text);
}

/** Everything that is painted, once for each look. */
function looks(svg: string): string[] {
  return svg.match(/<g clip-path.*?<\/g><g font.*?<\/g>/g) ?? [];
}

function parse(query: string) {
  return parseBadgeOptions(new URLSearchParams(query));
}

describe("/badge.svg", () => {
  test("is the count of a page as an image that anyone may embed and cache", async () => {
    const path = `/${crypto.randomUUID()}`;
    const pages = new Pages();
    pages.counts.set(ORIGIN + path, 1_234);
    const response = await pages.get(`/badge.svg?page=${ORIGIN}${path}`, { origin: null });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(draw(1_234));
    const names = [
      "Content-Type",
      "Cache-Control",
      "Content-Security-Policy",
      "Cross-Origin-Resource-Policy",
      "X-Content-Type-Options",
    ];
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(AUTO_THEME_CSS));
    const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
    expect(names.map((name) => response.headers.get(name))).toEqual([
      "image/svg+xml; charset=utf-8",
      "public, max-age=5",
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; sandbox`,
      "cross-origin",
      "nosniff",
    ]);
  });

  test("costs one call together with /count, and adds up several pages", async () => {
    const path = `/${crypto.randomUUID()}`;
    const pages = new Pages();
    pages.counts.set(`${ORIGIN}${path}/a`, 2).set(`${ORIGIN}${path}/b`, 3);
    await pages.get(`/count?page=${path}/a`);
    const response = await pages.get(`/badge.svg?page=${path}/a&page=${path}/b`);
    expect(texts(await response.text())).toEqual(["visitors now", "5"]);
    expect(pages.asked).toEqual([`${ORIGIN}${path}/a`, `${ORIGIN}${path}/b`]);
  });

  test("answers HEAD, and refuses what writes", async () => {
    const pages = new Pages();
    const path = `/badge.svg?page=/${crypto.randomUUID()}`;
    expect((await pages.get(path, { method: "HEAD" })).status).toBe(200);
    expect((await pages.get(path, { method: "DELETE" })).status).toBe(405);
  });

  test("refuses what it cannot draw with every reason at once, and asks nobody", async () => {
    const pages = new Pages();
    const query = "style=social&theme=black&color=%23zzz&labelColor=url(x)&minimum=-1";
    const response = await pages.get(`/badge.svg?page=/a&label=a%00b&${query}`);
    const colors =
      "use 3 or 6 hexadecimal digits such as 1a7f37, or one of brightgreen, green, yellowgreen, " +
      "yellow, orange, red, blue, lightgrey, lightgray, grey, gray, success, important, critical, " +
      "informational, inactive, black, white, silver, maroon, purple, fuchsia, lime, olive, navy, " +
      "teal, aqua";
    expect(await outline(response, "Cache-Control", "Content-Type")).toEqual([
      400,
      refusal(
        "bad_badge",
        "label has control characters; use text of one line. " +
          "style 'social' is unknown; use one of flat, flat-square, plastic, for-the-badge. " +
          "theme 'black' is unknown; use one of classic, light, dark, auto. " +
          `color '#zzz' is no color; ${colors}. labelColor 'url(x)' is no color; ${colors}. ` +
          "minimum '-1' cannot be used; use a whole number up to 1000000",
      ),
      "no-store",
      "application/json",
    ]);
    expect(pages.asked).toEqual([]);
  });

  test("refuses a foreign page as /count does", async () => {
    const pages = new Pages();
    const response = await pages.get("/badge.svg?page=https://evil.test/", { origin: null });
    expect(response.status).toBe(403);
    expect(pages.asked).toEqual([]);
  });
});

describe("options", () => {
  test("have defaults for everything, and leave other parameters alone", () => {
    expect(parse("")).toEqual({ options: DEFAULTS, errors: [] });
    expect(parse("page=/a&cacheSeconds=60&v=2")).toEqual({ options: DEFAULTS, errors: [] });
  });

  test("take what is given", () => {
    const query =
      "label=%20Leser%20&style=for-the-badge&theme=auto&color=BLUE&labelColor=%23AbC&minimum=5";
    expect(parse(query)).toEqual({
      options: {
        label: "Leser",
        style: "for-the-badge",
        theme: "auto",
        color: "#007ec6",
        labelColor: "#aabbcc",
        minimum: 5,
      },
      errors: [],
    });
  });

  test("take a label of 64 characters, and not one more", () => {
    const label = "a".repeat(64);
    expect(parse(`label=${label}`)).toMatchObject({ options: { label }, errors: [] });
    expect(parse(`label=${label}a`).errors).toEqual([
      `label '${label}a' is too long; use at most 64 characters`,
    ]);
  });

  test.for(["\n", "\u0007", "\u0085", "\ufffe", "\uffff"])("take no label with %j", (character) => {
    const query = new URLSearchParams({ label: `a${character}b` });
    expect(parseBadgeOptions(query).errors).toHaveLength(1);
  });

  test.for(["1e3", "1.5", "", "1000001", "Infinity", "０"])("take no minimum '%s'", (minimum) => {
    expect(parse(`minimum=${minimum}`).errors).toEqual([
      `minimum '${minimum}' cannot be used; use a whole number up to 1000000`,
    ]);
  });

  test.for(["", "#", "12345", "#1234567", "12g", "constructor", "rgb(0,0,0)", '"/><script>'])(
    "take no color '%s'",
    (color) => {
      expect(parseColor(color)).toBeNull();
    },
  );
});

describe("a drawing", () => {
  test("says to everyone what it shows", () => {
    const svg = draw(3);
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="97" height="20" viewBox="0 0 97 20" role="img" aria-label="visitors now: 3"><title>visitors now: 3<\/title>/,
    );
    expect(texts(svg)).toEqual(["visitors now", "3"]);
  });

  test("may be of the number alone", () => {
    const svg = draw(3, { label: "" });
    expect(texts(svg)).toEqual(["3"]);
    expect(svg).toContain('aria-label="3"');
  });

  test("hides a number below the minimum, and no other", () => {
    expect(texts(draw(4, { minimum: 5 }))).toEqual(["visitors now", "&lt;5"]);
    expect(draw(4, { minimum: 5 })).toContain('aria-label="visitors now: fewer than 5"');
    expect(texts(draw(5, { minimum: 5 }))).toEqual(["visitors now", "5"]);
  });

  test("groups the digits of a big number", () => {
    expect(texts(draw(1_234_567))).toEqual(["visitors now", "1,234,567"]);
  });

  test("shouts only for-the-badge, and says it quietly", () => {
    const svg = draw(3, { style: "for-the-badge" });
    expect(texts(svg)).toEqual(["VISITORS NOW", "3"]);
    expect(svg).toContain('aria-label="visitors now: 3"');
  });

  test("lets a label be nothing but text", () => {
    const svg = draw(1, { label: `"><script>alert('1')</script>&` });
    expect(svg).toContain("&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;");
    expect(svg).not.toContain("<script");
  });

  test("has one look, or two of which the reader's system shows one", () => {
    const light = draw(3, { theme: "light" });
    const dark = draw(3, { theme: "dark" });
    const auto = draw(3, { theme: "auto" });
    expect(looks(auto)).toEqual([...looks(light), ...looks(dark)]);
    expect(auto).toContain(`<style>${AUTO_THEME_CSS}</style>`);
    expect(light + dark).not.toContain("<style");
  });

  test.for(["classic", "light", "dark"] as const)("is easy to read in %s", (theme) => {
    const fills = [...draw(3, { theme }).matchAll(/fill="(#[\da-f]{6})"/g)].map(([, fill]) => fill);
    const [label = "", value = "", labelText = "", valueText = ""] = fills;
    expect(contrast(label, labelText)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(value, valueText)).toBeGreaterThanOrEqual(4.5);
  });

  test("writes black on a light color and white on a dark one", () => {
    expect(contrast("#000000", "#ffffff")).toBe(21);
    expect([textColorOn("#44cc11"), textColorOn("#007ec6")]).toEqual(["#1f2328", "#ffffff"]);
  });

  test("draws each style at whole pixels, inside its own size", () => {
    for (const style of ["flat", "flat-square", "plastic", "for-the-badge"] as const) {
      const svg = draw(12, { style, label: "Besucher·innen 今" });
      const numbers = [...svg.matchAll(/ (?:x|width|height|textLength)="([^"%]*)"/g)];
      expect(numbers.filter(([, number]) => !/^\d+$/.test(number ?? ""))).toEqual([]);
      const width = Number(/ width="(\d+)"/.exec(svg)?.[1]);
      const ends = [...svg.matchAll(/<text x="(\d+)".*?textLength="(\d+)"/g)].map(
        ([, x, length]) => Number(x) + Number(length),
      );
      expect(Math.max(...ends)).toBeLessThan(width);
    }
  });
});

describe("the width of a text", () => {
  test("is that of Verdana for every character of ASCII", () => {
    expect(textWidth("~", { size: 1_000 })).toBe(818);
    expect(textWidth("iW", { size: 1_000 })).toBe(274 + 989);
    expect(textWidth("", { size: 11 })).toBe(0);
  });

  test("counts marks with their letter, and wide characters as wide", () => {
    const size = 1_000;
    expect(textWidth("e\u0301", { size })).toBe(textWidth("e", { size }));
    expect(textWidth("今", { size })).toBe(1_000);
    expect(textWidth("👋🏽", { size })).toBe(1_000);
    expect(textWidth("ab", { size, spacing: 100 })).toBe(601 + 623 + 100);
  });
});

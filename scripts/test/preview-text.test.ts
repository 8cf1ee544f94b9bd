import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskText, maskValue, secretsOf } from "../lib/preview/mask.ts";
import { codeBlock, inlineCode, say, sayList, toMarkdown, toPlain } from "../lib/preview/say.ts";

describe("values in Markdown", () => {
  test.each([
    ["plain", "`plain`"],
    ["", "(empty)"],
    ["a`b", "``a`b``"],
    ["`", "`` ` ``"],
    ["a|b", "`a\\|b`"],
    ["two\nlines", "`two lines`"],
    ["<img src=x>", "`<img src=x>`"],
    ["abc\u202Edef", "`abc\\u{202e}def`"],
  ])("%j is %s", (value, shown) => {
    expect(inlineCode(value)).toBe(shown);
  });

  test("a fence within a code block does not end it", () => {
    expect(codeBlock(["```", "x"], "diff")).toBe("````diff\n```\nx\n````");
  });

  test("whatever a value is, nothing in it ends its code, its line or its block", () => {
    const text = fc.string({ unit: fc.constantFrom("`", "a", "|", "\n", "<", " ", "~", "\u2028") });
    fc.assert(
      fc.property(text, (value) => {
        const code = inlineCode(value);
        expect(code).not.toMatch(/[\n\u2028]/);
        const [, ticks = ""] = /^(`*)/.exec(code) ?? [];
        expect(
          value === "" || code.slice(ticks.length, -ticks.length).split(/[^`]+/).includes(ticks),
        ).toBe(value === "");
        const [fence = "", ...lines] = codeBlock(value.split("\n"), "").split("\n");
        expect(lines.findIndex((line) => line.startsWith(fence))).toBe(lines.length - 1);
      }),
    );
  });

  test("words are taken as they are, values are not", () => {
    const text = [...say`from ${"*a*"} to `, ...sayList(["b", "c", "d"])];
    expect(toMarkdown(text)).toBe("from `*a*` to `b`, `c` and `d`");
    expect(toPlain(text)).toBe("from '*a*' to 'b', 'c' and 'd'");
  });
});

describe("credentials", () => {
  test.each([
    ["pul-0123456789abcdef0123456789abcdef01234567"],
    ["ghp_0123456789abcdefghijklmnopqrstuvwxyz"],
    ["AKIAIOSFODNN7EXAMPLE"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"],
    ["Bearer abcdefghijk"],
    ["V9wXyZ0123456789abcdefABCDEF_-0123456789"],
    ["-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"],
  ])("%s is hidden wherever it stands", (secret) => {
    expect(maskText(`before ${secret} after`)).toBe("before [secret] after");
  });

  test("user and password of a URL are hidden, the host is not", () => {
    expect(maskText("https://me:pass@example.com/x")).toBe("https://[secret]@example.com/x");
  });

  test("hashes, IDs, hosts, names and plain words are left alone", () => {
    const text =
      "f2cdbd14ca6f4f13187aed8bcde91e2bb574156342cfd6d12fbeaf0e3cf4f4e0 16d5621c989dbd67dbccacf411a77468 https://a.very-long-name-of-a-host.example.com visitor-tracker-of-the-feature-branch no_web_socket_compression";
    expect(maskText(text)).toBe(text);
  });

  test("known values are hidden, but not those so short that they are anywhere", () => {
    const secrets = ["correct horse", "a"];
    expect(maskText("a correct horse", { secrets })).toBe("a [secret]");
    expect(
      secretsOf({ PULUMI_CONFIG_PASSPHRASE: "x", AWS_SECRET_ACCESS_KEY: "y", HOME: "/" }),
    ).toEqual(["x", "y"]);
  });

  test("values are hidden by their names, also in JSON within a string, and Pulumi's secrets are", () => {
    const sentinel = {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value: "plain",
    };
    const given = { apiToken: "t", json: '{"password":"p","limit":1}', list: [sentinel] };
    expect(maskValue(given)).toEqual({
      apiToken: "[secret]",
      json: '{"password":"[secret]","limit":1}',
      list: ["[secret]"],
    });
  });
});

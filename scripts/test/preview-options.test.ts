import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parsePreviewOptions } from "../lib/preview/options.ts";
import { forLocalCloud } from "../lib/preview/stack-yaml.ts";

describe("the command line of npm run preview", () => {
  test("is about prod, for a terminal, unless it says otherwise", () => {
    expect(parsePreviewOptions([])).toEqual({
      stack: "prod",
      format: "plain",
      out: undefined,
      base: undefined,
      savePlan: undefined,
      reportOnly: false,
    });
    const all = ["--stack", "staging", "--markdown", "--out", "a.md", "--base", "v1"];
    const plan = ["--save-plan", "plan.json", "--report-only"];
    expect(parsePreviewOptions([...all, ...plan])).toEqual({
      stack: "staging",
      format: "markdown",
      out: "a.md",
      base: "v1",
      savePlan: "plan.json",
      reportOnly: true,
    });
    expect(parsePreviewOptions(["--json", "--help"])).toBe("help");
  });

  test.each([
    [["--jsn"], /--jsn.*--help lists the options/s],
    [["prod"], /prod.*--help lists the options/s],
    [["--json", "--markdown"], /contradict/],
    [["--stack", "../x"], /'..\/x' is not the name of a stack/],
  ])("%j is refused", (args, message) => {
    expect(() => parsePreviewOptions(args)).toThrow(message);
  });
});

describe("a stack's config for the local cloud", () => {
  const cloud = { apiUrl: "http://127.0.0.1:1/client/v4", accountId: "a".repeat(32) };
  const config = (text: string): unknown => parse(forLocalCloud(text, cloud).yaml);

  test("keeps what the program reads, but for account and credentials", () => {
    const text = [
      "secretsprovider: passphrase",
      "encryptionsalt: v1:x",
      "config:",
      "  cloudflare:apiToken:",
      "    secure: AAA",
      "  visitor-tracker:accountId: 16d5621c989dbd67dbccacf411a77468",
      "  allowedOrigins: [https://example.com]",
      "  visitor-tracker:limits:",
      "    tabsPerVisitor: 4",
      '  visitor-tracker:workersDev: "true"',
      "  visitor-tracker:edgeUrl: http://localhost:8788",
      "  visitor-tracker:demo:",
      "    secure: AAA",
    ].join("\n");
    expect(config(text)).toEqual({
      config: {
        "visitor-tracker:accountId": cloud.accountId,
        "visitor-tracker:cloudflareBaseUrl": cloud.apiUrl,
        "visitor-tracker:allowedOrigins": ["https://example.com"],
        "visitor-tracker:limits": { tabsPerVisitor: 4 },
        "visitor-tracker:workersDev": "true",
      },
    });
    expect(forLocalCloud(text, cloud).accountId).toBe("16d5621c989dbd67dbccacf411a77468");
  });

  test("an encrypted account is another one, and no file is an empty config", () => {
    const text = "config:\n  visitor-tracker:accountId:\n    secure: AAA\n";
    expect(forLocalCloud(text, cloud).accountId).toBeUndefined();
    const own = {
      "visitor-tracker:accountId": cloud.accountId,
      "visitor-tracker:cloudflareBaseUrl": cloud.apiUrl,
    };
    expect(config(text)).toEqual({ config: own });
    expect(parse(forLocalCloud(null, cloud).yaml)).toEqual({ config: own });
  });

  test.each([
    ["route: blog.example.com/live/*\n  zone: example.com", "example.com", "example.com"],
    ["route: '*.example.com/live/*'\n  zone: " + "f".repeat(32), "example.com", "example.com"],
    ["customDomain: count.example.com", "example.com", undefined],
  ])("'%s' is in the zone %s", (lines, zone, written) => {
    const local = forLocalCloud(`config:\n  ${lines}\n`, cloud);
    expect(local.zones).toEqual([zone]);
    const values = new Map<string, unknown>(Object.entries(parse(local.yaml)["config"]));
    expect(values.get("visitor-tracker:zone")).toBe(written);
  });
});

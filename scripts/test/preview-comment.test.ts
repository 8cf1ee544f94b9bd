import { describe, expect, test } from "vitest";
import { parseDigest, type Digest } from "../lib/preview/digest.ts";
import { renderJson, renderMarkdown, renderPlain } from "../lib/preview/markdown.ts";
import { rawDiff } from "../lib/preview/raw-diff.ts";
import { describeDigest } from "../lib/preview/report.ts";
import { toPlain } from "../lib/preview/say.ts";
import { comment, recorded } from "./preview-support.ts";

describe("a comment", () => {
  test("has a marker, a headline, warnings, topics and the diff, folded", async () => {
    expect(renderMarkdown(await comment("origins"))).toBe(
      [
        "<!-- visitor-tracker preview of prod -->",
        "",
        "### 🟡 Something that works today stops, or is less safe",
        "",
        "Stack `prod`. Compared with what is deployed as `prod`.",
        "",
        "> [!WARNING]",
        "> - Pages of `http://127.0.0.1:*` may no longer connect, and show no count.",
        "",
        "**Sites**",
        "",
        "- Pages of `https://*.example.org` may connect from then on",
        "- Pages of `https://blog.example.com` may connect from then on",
        "",
        "**Visitors**",
        "",
        "- Everybody who is connected is disconnected for a moment and joins again; on the bill each is one more visit",
        "",
        "<details><summary>What differs, input by input</summary>",
        "",
        "```diff",
        "! WorkersScript visitor-tracker (update)",
        "-   bindings.ALLOWED_ORIGINS.json[]: http://127.0.0.1:*",
        "+   bindings.ALLOWED_ORIGINS.json[]: https://*.example.org",
        "+   bindings.ALLOWED_ORIGINS.json[]: https://blog.example.com",
        "#   migrations: those of the last upload are not sent again; nothing is undone",
        "```",
        "",
        "</details>",
        "",
      ].join("\n"),
    );
  });

  test("on nothing is three lines", async () => {
    expect(renderMarkdown(await comment("no-change"))).toBe(
      "<!-- visitor-tracker preview of prod -->\n\n### ⚪ Nothing changes\n\nStack `prod`. Compared with what is deployed as `prod`.\n",
    );
  });

  test("on destroyed data is red, in words and as an alert", async () => {
    const text = renderMarkdown(await comment("rename"));
    expect(text).toContain("### 🔴 Data is destroyed\n");
    expect(text).toContain("> [!CAUTION]\n> - Script `visitor-tracker-local` is replaced by ");
  });

  test("of a refused update wraps the program's words in a code block", async () => {
    const text = renderMarkdown(await comment("rename-refused"));
    expect(text).toContain("### 🔴 The update would not start, and nothing would change\n");
    expect(text).toContain("```text\nThis update would replace the script");
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(100);
  });

  test("does not depend on the order of the steps", async () => {
    const digest = { ...Object(JSON.parse(await recorded("rename"))) };
    expect(digest.steps).toHaveLength(4);
    const turned = parseDigest(JSON.stringify({ ...digest, steps: digest.steps.toReversed() }));
    expect(rawDiff(turned.resources)).toEqual((await comment("rename")).diff);
    expect(describeDigest(turned)).toEqual((await comment("rename")).report);
  });

  test("tells the fingerprint of an upload only where nothing else tells what differs", () => {
    expect(diffOfMarks({ logpush: true })).toEqual(["+   logpush: true"]);
    expect(diffOfMarks({})).toEqual([
      "-   bindings.DEPLOYED_BY.json.inputs: 1",
      "+   bindings.DEPLOYED_BY.json.inputs: 2",
    ]);
  });

  test("is cut at what GitHub takes, and says by how much", () => {
    const after = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, n) => [`k${n}`, "v".repeat(20)]),
    );
    const digest = parseDigest(stepOf({ inputs: after }));
    const text = renderMarkdown({
      stack: "prod",
      report: { verdict: "harmless", headline: "Changes", changes: [], errors: [] },
      notes: [],
      diff: rawDiff(digest.resources),
    });
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/\n… \d+ more lines, left out for their length\n```\n\n<\/details>\n$/);
  });

  test("for a terminal marks what is lost", async () => {
    const text = renderPlain(await comment("rename"));
    expect(text).toMatch(/^Data is destroyed \(stack prod\)\n/);
    expect(text).toMatch(/^!! Script 'visitor-tracker-local' is replaced by 'counter'/m);
  });

  test("for programs is one line of JSON with the exit code", async () => {
    const text = renderJson(await comment("exposure"), 3);
    expect(text.trimEnd()).not.toContain("\n");
    expect(JSON.parse(text)).toMatchObject({
      stack: "prod",
      verdict: "loses",
      exitCode: 3,
      changes: [
        { topic: "addresses", severity: "warning" },
        { topic: "addresses", severity: "info" },
      ],
      errors: [],
    });
  });
});

describe("what is not to be shown", () => {
  test("credentials in inputs are hidden by their names and forms, in words and diff", () => {
    const token = "AbCdEfGh1234567890_AbCdEfGh1234567890-xyz";
    const after = {
      scriptName: "s",
      apiToken: "short",
      note: `uses ${token}`,
      bindings: [{ name: "KEY", type: "secret_text", text: "hunter2" }],
    };
    const digest = parseDigest(stepOf({ inputs: after }), { secrets: ["known-value"] });
    const text = JSON.stringify(everythingShown(digest));
    for (const secret of [token, "short", "hunter2"]) expect(text).not.toContain(secret);
    expect(text).toContain("[secret]");
  });

  test("a list that Pulumi hides is said to be hidden", () => {
    const states = { before: { bindings: "[secret]" }, inputs: { bindings: [] } };
    const { changes } = describeDigest(parseDigest(stepOf(states)));
    expect(toPlain(changes[0]?.text ?? [])).toBe(
      "Bindings change that are hidden, since one of them is a secret",
    );
  });

  test("markup in names stays text", () => {
    const evil = "a`</code><script>alert(1)</script>|\n# x @everyone";
    const digest = parseDigest(
      stepOf({ before: { scriptName: "s" }, inputs: { scriptName: evil, x: "</details>" } }),
    );
    const { text } = everythingShown(digest);
    const outside = text
      .replace(/<details>[\s\S]*/, "")
      .replace(/(`+)(?!`)[^\n]*?[^`]\1(?!`)/g, "");
    expect(outside).not.toMatch(/<script|@everyone|^# x/m);
  });
});

/** Without its head. */
function diffOfMarks(others: object): string[] {
  const states = {
    before: { bindings: [mark("1")] },
    inputs: { bindings: [mark("2")], ...others },
  };
  return rawDiff(parseDigest(stepOf(states)).resources).slice(1);
}

function mark(inputs: string): object {
  return { name: "DEPLOYED_BY", json: JSON.stringify({ project: "p", stack: "prod", inputs }) };
}

function stepOf({ before, inputs }: { before?: object; inputs: object }): string {
  const type = "cloudflare:index/workersScript:WorkersScript";
  const urn = `urn:pulumi:prod::visitor-tracker::${type}::visitor-tracker`;
  const op = before === undefined ? "create" : "update";
  const oldState = before === undefined ? {} : { oldState: { inputs: before } };
  return JSON.stringify({ steps: [{ op, urn, ...oldState, newState: { inputs } }] });
}

function everythingShown(digest: Digest): { text: string; plain: string } {
  const all = {
    stack: "prod",
    report: describeDigest(digest),
    notes: [],
    diff: rawDiff(digest.resources),
  };
  return { text: renderMarkdown(all), plain: renderPlain(all) };
}

import { readdir } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { renderJson, renderMarkdown } from "../lib/preview/markdown.ts";
import { parsePreviewJson } from "../lib/preview/parse-json.ts";
import { comment } from "./preview-support.ts";

const names = (await readdir(new URL("fixtures/preview", import.meta.url))).map((file) =>
  file.replace(/\.json$/, ""),
);

const HARMLESS = {
  stack: "prod",
  verdict: "harmless",
  headline: "Changes",
  changes: [],
  notes: [],
  errors: [],
  diff: [],
};

function shown(fields: object): string {
  return renderMarkdown(parsePreviewJson(JSON.stringify({ ...HARMLESS, ...fields })));
}

/** What is left of a comment when its code blocks and inline code are taken out. */
function outsideCode(markdown: string): string {
  return markdown
    .replaceAll(/^(`{3,})\w+\n[\s\S]*?\n\1$/gm, "")
    .replaceAll(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "")
    .replaceAll(/<!-- visitor-tracker preview of [\w.-]+ -->/g, "")
    .replaceAll(/<\/?details>|<\/?summary>/g, "");
}

describe("a preview that comes back from its JSON", () => {
  test.each(names)("%s gives the same comment", async (name) => {
    const made = await comment(name);
    expect(renderMarkdown(parsePreviewJson(renderJson(made, 0)))).toBe(renderMarkdown(made));
  });
});

describe("what a fork's run may have written instead", () => {
  const hostile = [
    "@octocat look",
    "<img src=x onerror=alert(1)>",
    "[click](https://evil.invalid)",
    "see https://evil.invalid and www.evil.invalid",
    "a 'b''c' d",
    "'a''b`@octocat'",
    "'a''b`@octocat'",
    "it's '`'' @octocat",
    "'`' x '``' @octocat '`'",
    "$x$ #1 a#1 **bold** ~~x~~ \\@octocat &lt;b&gt;",
    "'a",
    "\n\n# heading\n@octocat",
  ];

  test.each(hostile)("%j is nothing but code, wherever it stands", (text) => {
    const markdown = shown({
      stack: text,
      headline: text,
      changes: [
        { topic: "data", severity: "danger", text },
        { topic: "origins", severity: "info", text },
      ],
      notes: [text],
      errors: [text, "```\n</details>@octocat"],
      diff: [text, "```", "</details>"],
    });
    expect(outsideCode(markdown)).not.toMatch(/[@<&~$\\]|https?:|www\.|\]\(|octocat|evil/);
    expect(outsideCode(markdown).match(/^#/gm)).toHaveLength(1);
  });

  test.each([
    ["nonsense", "it is not JSON"],
    ["[]", "it is not JSON"],
    ["{}", "stack, verdict or headline is missing"],
    [JSON.stringify({ ...HARMLESS, verdict: "toString" }), "stack, verdict or headline is missing"],
    [JSON.stringify({ ...HARMLESS, changes: {} }), "changes is no list"],
    [JSON.stringify({ ...HARMLESS, changes: [1] }), "a change is no object"],
    [JSON.stringify({ ...HARMLESS, changes: [{ topic: "data" }] }), "has no topic, severity or"],
    [JSON.stringify({ ...HARMLESS, diff: [1] }), "diff has an entry that is no text"],
  ])("%s is refused", (text, message) => {
    expect(() => parsePreviewJson(text)).toThrow(message);
  });
});

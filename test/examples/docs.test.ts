import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { EXAMPLES } from "./support/example.ts";

const ROOT = new URL("../../", import.meta.url);
const DOCS = new URL("docs/client/", ROOT);

interface Snippet {
  /** Of the file that the text names before it. */
  readonly path: string;
  readonly code: string;
  readonly page: string;
}

/** The code of a page below the name of a file of examples/, up to the next heading. */
function snippets(page: string, text: string): Snippet[] {
  return text.split(/^#+ /m).flatMap((section) => {
    let path: string | undefined;
    const found: Snippet[] = [];
    for (const [, name, code] of section.matchAll(
      /`(examples\/[\w./-]+\.\w+)`|^```\w+\n(.*?)^```$/gms,
    )) {
      path = name ?? path;
      if (code !== undefined && path !== undefined) found.push({ page, path, code });
    }
    return found;
  });
}

/** White space is the formatter's, and the docs have an address of their own. */
function essence(code: string): string {
  return code
    .replaceAll("http://localhost:8788", "https://count.example.com")
    .replaceAll(/\s/g, "");
}

const pages = (await readdir(DOCS)).filter((name) => name.endsWith(".md"));
const texts = await Promise.all(
  pages.map(async (page) => snippets(page, await readFile(new URL(page, DOCS), "utf8"))),
);

test.each(texts.flat())("$page quotes $path as it is: $code", async ({ path, code }) => {
  const file = await readFile(new URL(path, ROOT), "utf8");
  expect(essence(file)).toContain(essence(code));
});

const folders = (await readdir(EXAMPLES, { withFileTypes: true })).filter((entry) =>
  entry.isDirectory(),
);

test.each(folders)("examples/$name is opened in a browser by a suite of its own", ({ name }) => {
  expect(existsSync(new URL(`${name}.test.ts`, import.meta.url))).toBe(true);
});

test("every example that uses the package names its current version", async () => {
  const { version }: { version: string } = JSON.parse(
    await readFile(new URL("client/package.json", ROOT), "utf8"),
  );
  const named = await Promise.all(
    folders.map(async ({ name }) => {
      const text = await readFile(new URL(`examples/${name}/package.json`, ROOT), "utf8");
      return [name, /"@visitor-tracker\/client": "([^"]*)"/.exec(text)?.[1]];
    }),
  );
  expect(Object.fromEntries(named)).toEqual({
    astro: version,
    consent: undefined,
    html: version,
    next: version,
    "react-18-vite": version,
    "react-vite": version,
  });
});

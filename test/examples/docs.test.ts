import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { EXAMPLES } from "./support/example.ts";

const ROOT = new URL("../../", import.meta.url);
/** Folders whose pages quote the examples. */
const DOCS = ["docs/", "docs/client/"];

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

const pages = await Promise.all(
  DOCS.map(async (folder) => {
    const names = await readdir(new URL(folder, ROOT));
    return names.filter((name) => name.endsWith(".md")).map((name) => `${folder}${name}`);
  }),
);
const texts = await Promise.all(
  pages.flat().map(async (page) => snippets(page, await readFile(new URL(page, ROOT), "utf8"))),
);

test.each(texts.flat())("$page quotes $path as it is: $code", async ({ path, code }) => {
  const file = await readFile(new URL(path, ROOT), "utf8");
  expect(essence(file)).toContain(essence(code));
});

const folders = (await readdir(EXAMPLES, { withFileTypes: true })).filter((entry) =>
  entry.isDirectory(),
);

test.each(folders)("examples/$name has a suite of its own", ({ name }) => {
  expect(existsSync(new URL(`${name}.test.ts`, import.meta.url))).toBe(true);
});

async function versionOf(folder: string): Promise<string> {
  const text = await readFile(new URL(`${folder}/package.json`, ROOT), "utf8");
  return /"version": "([^"]*)"/.exec(text)?.[1] ?? "no version";
}

test("every example that uses a package names its current version", async () => {
  const [client, pulumi] = [await versionOf("client"), await versionOf("infra/package")];
  const localcloud = await versionOf("localcloud");
  const named = await Promise.all(
    folders.map(async ({ name }) => {
      const text = await readFile(new URL(`examples/${name}/package.json`, ROOT), "utf8");
      return [name, /"@visitor-tracker\/(\w+": "[^"]*)"/.exec(text)?.[1]];
    }),
  );
  expect(Object.fromEntries(named)).toEqual({
    astro: `client": "${client}`,
    consent: undefined,
    html: `client": "${client}`,
    localcloud: `localcloud": "${localcloud}`,
    next: `client": "${client}`,
    pulumi: `pulumi": "${pulumi}`,
    "react-18-vite": `client": "${client}`,
    "react-vite": `client": "${client}`,
  });
});

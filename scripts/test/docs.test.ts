import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";
import { isRecord } from "../../infra/src/is-record.ts";
import { capture } from "../lib/child.ts";
import { CHECKOUT } from "../lib/project.ts";

const FILES = await listFiles();
const PAGES = FILES.filter((file) => file.endsWith(".md"));

/** What git has or would add, without what somebody is deleting. */
async function listFiles(): Promise<string[]> {
  const list = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const { stdout } = await capture("git", list, { cwd: CHECKOUT });
  return stdout.split("\n").filter((file) => file !== "" && existsSync(join(CHECKOUT, file)));
}

function read(file: string): string {
  return readFileSync(join(CHECKOUT, file), "utf8");
}

/** Without code, in which brackets are no links and `#` begins a comment. */
function withoutCode(text: string): string {
  return text.replaceAll(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, "");
}

/** Targets of a page's links and pictures. */
function linksOf(page: string): string[] {
  const text = withoutCode(read(page)).replaceAll(/`[^`\n]+`/g, "`code`");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  const html = [...text.matchAll(/(?:src|srcset|href)="([^"]+)"/g)].map(
    ([, target = ""]) => target,
  );
  return [...links, ...html];
}

/** As GitHub makes them from headings. */
function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return [...withoutCode(read(page)).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/** Why a link leads nowhere; undefined when it does not. */
function faultOf(page: string, link: string): string | undefined {
  if (/^(?:[a-z]+:|\/\/)/.test(link)) return undefined;
  const [path = "", anchor] = link.split("#");
  const file = path === "" ? page : relative(CHECKOUT, resolve(CHECKOUT, dirname(page), path));
  if (file.startsWith("..")) return `${page}: ${link} is outside of the repository`;
  if (!existsSync(join(CHECKOUT, file))) return `${page}: ${link}: there is no ${file}`;
  if (anchor === undefined || !file.endsWith(".md")) return undefined;
  return anchorsOf(file).includes(anchor) ? undefined : `${page}: ${link}: no heading of ${file}`;
}

test("each link of a page leads to a file, and to a heading in it", () => {
  const links = PAGES.flatMap((page) => linksOf(page).map((link) => [page, link] as const));
  expect(links.length).toBeGreaterThan(150);
  expect(links.flatMap(([page, link]) => faultOf(page, link) ?? [])).toEqual([]);
});

test("each page that code, comments and workflows name is there", () => {
  const named = FILES.filter((file) => /\.(?:ts|tsx|mts|yml|yaml|json|jsonc)$/.test(file)).flatMap(
    (file) =>
      [
        ...read(file).matchAll(
          /(?<![\w/.-])(?:docs|localcloud|client|infra|worker)\/(?!\S*CHANGELOG)[\w/-]+\.md\b/g,
        ),
      ].map(([page]) => [file, page] as const),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(([, page]) => !existsSync(join(CHECKOUT, page)))).toEqual([]);
});

test("each npm script that a page names is there", () => {
  const manifests = FILES.filter((file) => file.endsWith("package.json"));
  const scripts = new Set(manifests.flatMap((file) => scriptsOf(JSON.parse(read(file)))));
  const named = PAGES.flatMap((page) =>
    [...read(page).matchAll(/(?:npm|pnpm) run (?:-s )?([a-z][\w:-]*)/g)].map(
      ([, name = ""]) => [page, name] as const,
    ),
  );
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter(([, name]) => !scripts.has(name))).toEqual([]);
});

function scriptsOf(manifest: unknown): string[] {
  const scripts = isRecord(manifest) ? manifest["scripts"] : undefined;
  return isRecord(scripts) ? Object.keys(scripts) : [];
}

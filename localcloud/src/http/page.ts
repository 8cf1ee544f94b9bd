import type { Answer } from "./answer.ts";
import { readPage } from "./page-files.ts";

/** The page may talk to where it comes from, and nothing else may be loaded into it. */
const POLICY = "default-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'";

const TYPES: Readonly<Record<string, string>> = {
  "/": "text/html",
  "/page.css": "text/css",
  "/page.js": "text/javascript",
};

/** Read when it is first asked for: who never looks pays nothing. */
let page: ReturnType<typeof readPage> | undefined;

/** A failure is not kept: whoever works on the page reloads it. */
async function pageOnce(): ReturnType<typeof readPage> {
  page ??= readPage();
  try {
    return await page;
  } catch (error) {
    page = undefined;
    throw error;
  }
}

/** True for the page and its parts, which the journal leaves out. */
export function isPagePath(path: string): boolean {
  return Object.hasOwn(TYPES, path);
}

/** The page for people and its parts, by path; null for every other path. */
export async function answerPage(method: string, path: string): Promise<Answer | null> {
  if (method !== "GET" || !isPagePath(path)) return null;
  const text = (await pageOnce())[path] ?? "";
  const headers = {
    "content-type": `${TYPES[path]}; charset=utf-8`,
    "content-security-policy": POLICY,
    "cache-control": "no-cache",
  };
  return { status: 200, bytes: Buffer.from(text), headers, errors: [] };
}

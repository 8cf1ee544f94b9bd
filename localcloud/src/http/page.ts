import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import type { Answer } from "./answer.ts";

/** The page for people; a browser runs it, so it is beside `src/`. */
const FOLDER = join(import.meta.dirname, "../../page");

/** The page may talk to where it comes from, and nothing else may be loaded into it. */
const POLICY = "default-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'";

const FILES: Readonly<Record<string, { type: string; read: () => Promise<Uint8Array> }>> = {
  "/": { type: "text/html", read: () => readFile(join(FOLDER, "index.html")) },
  "/page.css": { type: "text/css", read: () => readFile(join(FOLDER, "style.css")) },
  "/page.js": { type: "text/javascript", read: bundlePage },
};

let bundle: Promise<Uint8Array> | undefined;

/** Bundles it when it is first asked for: who never looks pays nothing. */
function bundlePage(): Promise<Uint8Array> {
  bundle ??= build({
    entryPoints: [join(FOLDER, "main.ts")],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
    logLevel: "silent",
  }).then(({ outputFiles: [file] }) => file?.contents ?? new Uint8Array());
  return bundle;
}

/** True for the page and its parts, which the journal leaves out. */
export function isPagePath(path: string): boolean {
  return Object.hasOwn(FILES, path);
}

/** The page for people and its parts, by path; null for every other path. */
export async function answerPage(method: string, path: string): Promise<Answer | null> {
  const file = FILES[path];
  if (method !== "GET" || file === undefined) return null;
  const headers = {
    "content-type": `${file.type}; charset=utf-8`,
    "content-security-policy": POLICY,
    "cache-control": "no-cache",
  };
  return { status: 200, bytes: Buffer.from(await file.read()), headers, errors: [] };
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

/** A browser runs it, so it is beside `src/`. */
const FOLDER = join(import.meta.dirname, "../../page");

/**
 * The page for people, by path, its script bundled. The build of the package calls this, and puts the
 * answer in the place of this module.
 */
export async function readPage(): Promise<Readonly<Record<string, string>>> {
  const [html, style, script] = await Promise.all([
    readFile(join(FOLDER, "index.html"), "utf8"),
    readFile(join(FOLDER, "style.css"), "utf8"),
    bundle("main.ts"),
  ]);
  return { "/": html, "/page.css": style, "/page.js": script };
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: FOLDER,
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  return outputFiles.map(({ text }) => text).join("");
}

/**
 * Bundles the scripts that the Worker serves to browsers into src/generated/, as text that every
 * bundler of the Worker takes without a plugin. `npm run generate` runs it; the files are checked in.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { LIVE_RELEASES } from "./src/generated/live-releases.ts";
import type { LiveRelease } from "./src/live/release.ts";

/** Sources by the name of the file that holds their script: `live` makes `LIVE_JS` in live.ts. */
const ENTRIES: { readonly [name: string]: string } = {
  demo: "demo/main.ts",
  live: "../client/src/live.ts",
};

/** Where the files are. */
export const GENERATED: URL = new URL("src/generated/", import.meta.url);

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const UNRELEASED = "0.0.0";
const RELEASES_KEPT = 10;

/**
 * What {@link GENERATED} should hold, by file name. The same sources give the same bytes on every
 * machine and in every folder.
 * @throws Error with esbuild's messages when a source does not bundle
 */
export async function generate(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const [name, entry] of Object.entries(ENTRIES)) {
    const js = await bundle(entry);
    const lines = [
      `// Made by \`npm run generate\` from worker/${entry}.`,
      `export const ${name.toUpperCase()}_JS: string = ${JSON.stringify(js)};`,
    ];
    if (name === "live") {
      const release = { version: await clientVersion(), hash: hashOf(js), js };
      lines.push(`export const LIVE_HASH: string = ${JSON.stringify(release.hash)};`);
      files.set("live-releases.ts", releasesSource(keepReleases(LIVE_RELEASES, release)));
    }
    files.set(`${name}.ts`, `${lines.join("\n")}\n`);
  }
  return files;
}

/**
 * The releases to serve once `current` is what the sources make. The first script of a version is
 * the one that was released as that: changes after it belong to the next.
 */
export function keepReleases(
  releases: readonly LiveRelease[],
  current: LiveRelease,
): readonly LiveRelease[] {
  const isKnown = releases.some(({ version }) => version === current.version);
  if (isKnown || current.version === UNRELEASED) return releases;
  return [current, ...releases].slice(0, RELEASES_KEPT);
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: FOLDER,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    platform: "browser",
    minify: true,
    legalComments: "none",
    tsconfigRaw: {},
  });
  return outputFiles.map(({ text }) => text).join("");
}

/** Names a script in its address. */
function hashOf(js: string): string {
  return createHash("sha256").update(js).digest("hex").slice(0, 16);
}

function releasesSource(releases: readonly LiveRelease[]): string {
  return [
    "// Made by `npm run generate`, which adds each version of the client, newest first.",
    'import type { LiveRelease } from "../live/release.ts";',
    `export const LIVE_RELEASES: readonly LiveRelease[] = ${JSON.stringify(releases, null, 2)};`,
    "",
  ].join("\n");
}

async function clientVersion(): Promise<string> {
  const file = new URL("../client/package.json", import.meta.url);
  const { version }: { version?: unknown } = JSON.parse(await readFile(file, "utf8"));
  if (typeof version !== "string") throw new Error("client/package.json has no version");
  return version;
}

if (import.meta.main) {
  await mkdir(GENERATED, { recursive: true });
  for (const [name, text] of await generate()) await writeFile(new URL(name, GENERATED), text);
}

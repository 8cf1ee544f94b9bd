import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Plugin, build as bundle } from "esbuild";

/** A change of a source file's text before it is bundled. */
export interface Patch {
  /** Path from the repository's root, such as `worker/src/roster.ts`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface TestBundle {
  /** One ES module. */
  readonly code: string;
  /** Its Durable Object classes. */
  readonly classNames: readonly string[];
}

const ROOT = new URL("../../../", import.meta.url);
const WORKERS = new URL("bench/workers/exactness/", ROOT);

/**
 * Bundles a Worker together with the harness's controls and clock.
 * @param entry path from the repository's root
 * @throws Error when a patch does not fit its file any more, or the source does not bundle
 */
export async function bundleForTest(
  entry: string,
  patches: readonly Patch[] = [],
): Promise<TestBundle> {
  const { outputFiles, metafile } = await bundle({
    entryPoints: [pathOf("entry.ts", WORKERS)],
    alias: { subject: pathOf(entry) },
    bundle: true,
    write: false,
    metafile: true,
    outdir: "/",
    format: "esm",
    target: "es2024",
    platform: "neutral",
    mainFields: ["module", "main"],
    // wrangler also takes `browser`, which partyserver needs.
    conditions: ["workerd", "worker", "browser", "import"],
    external: ["cloudflare:*", "workerd:*"],
    loader: { ".html": "text" },
    logLevel: "silent",
    tsconfigRaw: {},
    plugins: [clockedBaseClass(), await patched(patches)],
  });
  const exported = Object.values(metafile.outputs).flatMap((output) => output.exports);
  return {
    code: outputFiles.map(({ text }) => text).join(""),
    classNames: exported.filter((name) => name !== "default"),
  };
}

function pathOf(path: string, base: URL = ROOT): string {
  return fileURLToPath(new URL(path, base));
}

/** Gives the Worker under test a base class for its objects that follows the harness's clock. */
function clockedBaseClass(): Plugin {
  const folder = fileURLToPath(WORKERS);
  const path = pathOf("workers.ts", WORKERS);
  return {
    name: "clocked-base-class",
    setup(build) {
      build.onResolve({ filter: /^cloudflare:workers$/ }, ({ importer }) =>
        importer.startsWith(folder) ? { path: "cloudflare:workers", external: true } : { path },
      );
    },
  };
}

async function patched(patches: readonly Patch[]): Promise<Plugin> {
  const contents = new Map<string, string>();
  for (const { file, find, replace } of patches) {
    const path = pathOf(file);
    const source = contents.get(path) ?? (await readFile(path, "utf8"));
    const times = source.split(find).length - 1;
    if (times !== 1) {
      throw new Error(`${file} has ${times} times, not once: ${find}; bring the patch up to date`);
    }
    contents.set(
      path,
      source.replace(find, () => replace),
    );
  }
  return {
    name: "patches",
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const source = contents.get(path);
        return source === undefined ? null : { contents: source, loader: "ts" };
      });
    },
  };
}

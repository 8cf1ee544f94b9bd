import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildFailure, build, formatMessages } from "esbuild";
import { LIVE_HASH, LIVE_JS } from "./src/generated/live.ts";

export interface BuildWorkerOptions {
  /** Where to write the bundle. @default `.build/worker.js` beside this file */
  readonly outFile?: string;
}

/** The script for pages without a build, as this Worker serves it. */
export interface LiveScript {
  /** Where it never changes, below the Worker's base URL: `/live-<hash>.js`. */
  readonly path: string;
  /** As in the `integrity` attribute of a script tag. */
  readonly integrity: string;
}

export interface WorkerBundle {
  /** Absolute path of the written file. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly live: LiveScript;
}

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
/** Stands in the bundle for the hash of the bundle around it, and is as long as that. */
const PLACEHOLDER = "%BUILD-HASH%";

/**
 * Bundles the Worker into one ES module. The same source gives the same bytes on every machine and
 * in every folder.
 * @throws Error with esbuild's own messages when the source does not bundle
 */
export async function buildWorker(options: BuildWorkerOptions = {}): Promise<WorkerBundle> {
  const path = resolve(options.outFile ?? resolve(FOLDER, ".build/worker.js"));
  const code = await bundle();
  const hash = sha256Of(code).slice(0, PLACEHOLDER.length);
  const bytes = Buffer.from(code.replaceAll(PLACEHOLDER, hash));
  await mkdir(dirname(path), { recursive: true });
  // Renamed into place, so that nobody who reads it meanwhile sees half a bundle.
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, bytes);
  await rename(partial, path);
  return { path, bytes, sha256: sha256Of(bytes), sizeBytes: bytes.byteLength, live: liveScript() };
}

function liveScript(): LiveScript {
  const integrity = `sha384-${createHash("sha384").update(LIVE_JS).digest("base64")}`;
  return { path: `/live-${LIVE_HASH}.js`, integrity };
}

async function bundle(): Promise<string> {
  try {
    const { outputFiles } = await build({
      // Else paths in the output, and the order that follows from them, depend on the caller's folder.
      absWorkingDir: FOLDER,
      entryPoints: ["src/index.ts"],
      bundle: true,
      write: false,
      format: "esm",
      target: "es2024",
      platform: "neutral",
      mainFields: ["module", "main"],
      conditions: ["workerd", "worker", "import"],
      external: ["cloudflare:*"],
      loader: { ".html": "text" },
      define: { BUILD_VERSION: JSON.stringify(PLACEHOLDER) },
      minify: true,
      charset: "utf8",
      legalComments: "none",
      logLevel: "silent",
      tsconfigRaw: {},
    });
    return outputFiles.map(({ text }) => text).join("");
  } catch (error) {
    throw await readable(error);
  }
}

async function readable(error: unknown): Promise<unknown> {
  if (!isBuildFailure(error)) return error;
  const messages = await formatMessages(error.errors, { kind: "error", color: false });
  return new Error(`the Worker does not bundle:\n${messages.join("").trimEnd()}`);
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

function sha256Of(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { readTextIfPresent, writeFileAtomically } from "../lib/files.ts";
import { LANGUAGE_HOST } from "./installed.ts";

const ENTRY = fileURLToPath(new URL("language-host.ts", import.meta.url));
const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));

/** Tells our file from the official executable, which is never touched. */
const MARK = "// Node.js language host of Visitor Tracker, for a Pulumi CLI built from Go modules.";
const BANNER = `#!/usr/bin/env node\n${MARK}`;

/**
 * A CLI that was built from Go modules comes without the Node language host; the CLI finds one beside
 * itself. Ours is written there when there is none, and again when it has changed.
 */
export async function ensureLanguageHost(binDir: string): Promise<"official" | "ours"> {
  const path = join(binDir, LANGUAGE_HOST);
  const present = await readTextIfPresent(path);
  if (present !== null && !present.startsWith(BANNER)) return "official";
  const wanted = await bundleLanguageHost();
  if (present !== wanted) await writeFileAtomically(path, wanted, { mode: 0o755 });
  return "ours";
}

/** The language host as one file that needs nothing but the Node that runs it. */
export async function bundleLanguageHost(): Promise<string> {
  const { version } = await readManifest();
  const result = await build({
    absWorkingDir: CHECKOUT,
    entryPoints: [ENTRY],
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    banner: { js: BANNER },
    define: { LANGUAGE_HOST_VERSION: JSON.stringify(version) },
    legalComments: "none",
    logLevel: "silent",
    write: false,
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error("esbuild made no language host.");
  return file.text;
}

/** The host speaks the protocol of the SDK that it is bundled with. */
async function readManifest(): Promise<{ version: string }> {
  const path = join(CHECKOUT, "node_modules/@pulumi/pulumi/package.json");
  const manifest: unknown = JSON.parse(await readFile(path, "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    return { version: String(manifest.version) };
  }
  throw new Error(`${path} names no version; run npm ci.`);
}

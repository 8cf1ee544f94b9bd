import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as rolldown from "rolldown";
import type { Measured, Size, Subject } from "./subject.ts";

/** Every React, so that a subject's own size is what is left. */
const REACT = /^react(-dom)?($|\/)/;

const DEFINE = { "process.env.NODE_ENV": '"production"' };

/**
 * What a subject adds to a page: bundled and minified as a site does it, then compressed.
 * @param folder where its imports are resolved from, absolute
 * @throws Error when it does not bundle: an import that is missing would be a small bundle
 */
export async function measure(subject: Subject, folder: string): Promise<Measured> {
  try {
    return {
      subject,
      rolldown: without(subject.caller, await bundleByRolldown(subject.source, folder)),
      esbuild: without(subject.caller, await bundleByEsbuild(subject.source, folder)),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${subject.name} does not bundle: ${reason}`, { cause: error });
  }
}

export function sizeOf(script: string): Size {
  const bytes = Buffer.from(script);
  return { minified: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length };
}

function without(caller: string | undefined, script: string): Size {
  const size = sizeOf(script);
  if (caller === undefined) return size;
  const { minified, gzipped } = sizeOf(caller);
  return { minified: size.minified - minified, gzipped: size.gzipped - gzipped };
}

async function bundleByRolldown(source: string, folder: string): Promise<string> {
  const entry = join(folder, "entry.js");
  const { output } = await rolldown.build({
    input: entry,
    external: REACT,
    platform: "browser",
    transform: { define: DEFINE },
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === entry ? entry : null),
        load: (id) => (id === entry ? source : null),
      },
    ],
    onLog(_level, { code, message }) {
      if (code === "UNRESOLVED_IMPORT" || code === "MISSING_EXPORT") throw new Error(message);
    },
    output: { format: "esm", minify: true, comments: false, codeSplitting: false },
    write: false,
  });
  return output[0].code;
}

async function bundleByEsbuild(source: string, folder: string): Promise<string> {
  const { outputFiles, warnings } = await esbuild.build({
    stdin: { contents: source, resolveDir: folder, loader: "js" },
    external: ["react", "react/*", "react-dom", "react-dom/*"],
    platform: "browser",
    target: "es2022",
    define: DEFINE,
    bundle: true,
    format: "esm",
    minify: true,
    legalComments: "none",
    logLevel: "silent",
    write: false,
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join("\n"));
  return outputFiles.map(({ text }) => text).join("");
}

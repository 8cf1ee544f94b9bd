import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { isRecord, messageOf } from "../lib/unknown.ts";

/**
 * Runs workerd for a moment: where it cannot run, Miniflare would wait for it for ever.
 * @throws with what the machine lacks
 */
export async function checkWorkerd(): Promise<void> {
  try {
    await promisify(execFile)(workerdPath(), ["--version"]);
  } catch (error) {
    throw new Error(
      `workerd, which runs Workers, does not run on this machine (${process.platform}-${process.arch}): ` +
        `${messageOf(error).trim()}. There are binaries for Linux with glibc, macOS, and Windows, which npm ` +
        "installs as optional dependencies of the package 'workerd'.",
      { cause: error },
    );
  }
}

/** The one that Miniflare starts. */
function workerdPath(): string {
  const given = process.env["MINIFLARE_WORKERD_PATH"];
  if (given !== undefined) return given;
  const miniflare = createRequire(import.meta.url).resolve("miniflare");
  const workerd: unknown = createRequire(miniflare)("workerd");
  return isRecord(workerd) ? String(workerd["default"]) : "workerd";
}

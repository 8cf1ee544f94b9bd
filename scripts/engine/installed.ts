import { realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { capture } from "../lib/child.ts";
import { isExecutableFile, messageOf } from "../lib/files.ts";
import { isSuitable, parseVersion } from "./version.ts";

export const LANGUAGE_HOST = "pulumi-language-nodejs";

/** Long enough for a slow disk, short enough for an executable that waits for something. */
const VERSION_TIMEOUT_MS = 15_000;

export type Finding = { command: string; version: string } | { reason: string };

/** Looks for a `pulumi` that the user has installed, with its Node language host. */
export async function findOnPath(
  pinned: string,
  options: { path: string; signal?: AbortSignal },
): Promise<Finding> {
  const folders = options.path.split(delimiter).filter((folder) => folder !== "");
  const command = executableIn(folders, "pulumi");
  if (command === null) return { reason: "there is none" };
  const finding = await checkVersion(command, pinned, options);
  if ("reason" in finding) return finding;
  const beside = dirname(realpathSync(command));
  if (executableIn([beside, ...folders], LANGUAGE_HOST) === null) {
    return { reason: `${command} has no ${LANGUAGE_HOST} beside it or on PATH` };
  }
  return finding;
}

/** Whether this `pulumi` runs and suits the pinned version. */
export async function checkVersion(
  command: string,
  pinned: string,
  options: { signal?: AbortSignal } = {},
): Promise<Finding> {
  if (!isExecutableFile(command)) return { reason: `${command} is not there` };
  const version = await versionOf(command, options.signal);
  const [found, wanted] = [parseVersion(version), parseVersion(pinned)];
  if (found === null) return { reason: `${command} version says '${version}'` };
  if (wanted === null || !isSuitable(found, wanted)) {
    return {
      reason: `${command} is ${version}; v${pinned} or a later v${wanted?.major} is needed`,
    };
  }
  return { command, version: version.replace(/^v?/, "v") };
}

async function versionOf(command: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    const { stdout, stderr } = await capture(command, ["version"], {
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      timeoutMs: VERSION_TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    });
    signal?.throwIfAborted();
    const lines = (stdout.trim() || stderr.trim()).split("\n");
    return lines[0] ?? "";
  } catch (error) {
    signal?.throwIfAborted();
    return messageOf(error);
  }
}

function executableIn(folders: readonly string[], name: string): string | null {
  return folders.map((folder) => join(folder, name)).find(isExecutableFile) ?? null;
}

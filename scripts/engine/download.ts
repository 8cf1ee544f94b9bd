import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmod, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ended } from "../lib/child.ts";
import { messageOf } from "../lib/files.ts";
import { whyUnreachable } from "../lib/reachable.ts";
import type { Reporter } from "../lib/reporter.ts";

const SITE = "https://get.pulumi.com";

/** The archive is about 150 MB. */
const DOWNLOAD_LIMIT_MS = 15 * 60_000;

export interface DownloadOptions {
  reporter: Reporter;
  signal?: AbortSignal;
  /** Where install.sh is served. @default https://get.pulumi.com */
  site?: string;
}

/**
 * Gets the official release by the official script, as `PulumiCommand.install` of the Automation API
 * does, but so that it can be interrupted, cannot hang and never leaves a half-made installation.
 * @param versionDir `<pulumi home>/versions/<version>`
 * @returns null when it is installed, else the reason
 */
export async function download(
  version: string,
  versionDir: string,
  options: DownloadOptions,
): Promise<string | null> {
  const { reporter, signal, site = SITE } = options;
  const script = `${site}/install.sh`;
  const reason = await whyUnreachable(script, signal === undefined ? {} : { signal });
  if (reason !== null) return reason;
  reporter.line(`engine: downloading pulumi v${version} from ${site}`);
  const staging = `${versionDir}.${randomUUID()}.tmp`;
  try {
    await mkdir(staging, { recursive: true });
    await installInto(staging, script, version, signal);
    await moveFiles(join(staging, "bin"), join(versionDir, "bin"));
    return null;
  } catch (error) {
    signal?.throwIfAborted();
    return messageOf(error);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function installInto(
  staging: string,
  scriptUrl: string,
  version: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const limits = [
    AbortSignal.timeout(DOWNLOAD_LIMIT_MS),
    ...(signal === undefined ? [] : [signal]),
  ];
  const limit = AbortSignal.any(limits);
  const response = await fetch(scriptUrl, { signal: limit });
  if (!response.ok) throw new Error(`${scriptUrl} answers ${response.status}`);
  const script = join(staging, "install.sh");
  await writeFile(script, await response.text());
  const args = [script, "--no-edit-path", "--install-root", staging, "--version", version];
  // Its own group, so that curl and tar end with the script; its output goes beside ours.
  const child = spawn("/bin/sh", args, { stdio: ["ignore", 2, 2], detached: true });
  const { pid } = child;
  const onAbort = (): void => {
    if (pid !== undefined) process.kill(-pid, "SIGTERM");
  };
  limit.addEventListener("abort", onAbort);
  try {
    const code = await ended(child);
    limit.throwIfAborted();
    if (code !== 0) throw new Error(`${scriptUrl} failed with exit code ${code}`);
  } finally {
    limit.removeEventListener("abort", onAbort);
  }
}

/** `pulumi` moves last: once it is there, what it needs is there. */
async function moveFiles(from: string, to: string): Promise<void> {
  const names = await readdir(from);
  await mkdir(to, { recursive: true });
  const last = names.includes("pulumi") ? ["pulumi"] : [];
  for (const name of [...names.filter((other) => other !== "pulumi"), ...last]) {
    const path = join(from, name);
    await chmod(path, 0o755);
    await rename(path, join(to, name));
  }
}

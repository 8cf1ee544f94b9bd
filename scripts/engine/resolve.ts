import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isExecutableFile } from "../lib/files.ts";
import { InterruptedError } from "../lib/interruption.ts";
import { createReporter, type Reporter } from "../lib/reporter.ts";
import { buildEngine } from "./build.ts";
import { download } from "./download.ts";
import { checkVersion, findOnPath } from "./installed.ts";
import { ensureLanguageHost } from "./language-host-file.ts";
import { pinnedVersion } from "./version.ts";

type EngineOrigin = "PATH" | "installed" | "downloaded" | "built from Go modules";

/** A Pulumi CLI that can run our program. */
export interface Engine {
  /** Path of the executable. */
  command: string;
  /** Such as `v3.259.0`. */
  version: string;
  origin: EngineOrigin;
}

export interface ResolveOptions {
  /** @default one on standard error */
  reporter?: Reporter;
  signal?: AbortSignal;
  /** @default PULUMI_HOME, else ~/.pulumi */
  pulumiHome?: string;
  /** Searched for `pulumi` and `go`. @default PATH */
  path?: string;
  /** @default https://get.pulumi.com */
  downloadSite?: string;
}

/** No way led to an engine; the message explains all of them. */
export class NoEngineError extends Error {
  override name = "NoEngineError";
}

/**
 * Finds a Pulumi CLI, or gets one: on PATH, among the versions that Pulumi keeps, by the official
 * download, by building it from Go modules. What it gets stays in `<pulumi home>/versions`, where
 * npm's `pulumi` and the Automation API look too.
 * @throws NoEngineError
 */
export async function resolveEngine(options: ResolveOptions = {}): Promise<Engine> {
  const { reporter = createReporter(process.stderr), signal } = options;
  const path = options.path ?? process.env["PATH"] ?? "";
  const pinned = pinnedVersion();
  const versionDir = join(options.pulumiHome ?? pulumiHome(), "versions", pinned);
  const binDir = join(versionDir, "bin");
  const cancel = signal === undefined ? {} : { signal };
  const site = options.downloadSite === undefined ? {} : { site: options.downloadSite };
  const failures: string[] = [];
  const failed = (way: string, reason: string): void => void failures.push(`${way}: ${reason}`);

  const onPath = await findOnPath(pinned, { path, ...cancel });
  if (!("reason" in onPath)) return { ...onPath, origin: "PATH" };
  failed("pulumi on PATH", onPath.reason);

  const installed = await takeInstalled(binDir, pinned, cancel);
  if (!("reason" in installed)) return installed;
  failed("installed version", installed.reason);

  const notDownloaded = await download(pinned, versionDir, { reporter, ...cancel, ...site });
  if (notDownloaded === null) return await takeObtained(binDir, pinned, "downloaded", cancel);
  failed("official download", notDownloaded);
  for (const failure of failures) reporter.line(`engine: no ${failure}`);

  const notBuilt = await buildEngine(pinned, binDir, { reporter, path, ...cancel });
  if (notBuilt === null) return await takeObtained(binDir, pinned, "built from Go modules", cancel);
  failed("build from Go modules", notBuilt);
  throw new NoEngineError(explain(pinned, versionDir, failures));
}

/** `engine: …` without the prefix, for people. */
export function describeEngine(engine: Engine): string {
  const folder = dirname(engine.command)
    .replace(/\/bin$/, "")
    .replace(homedir(), "~");
  const how = engine.origin === "PATH" ? "on PATH" : engine.origin;
  return `pulumi ${engine.version} (${how}, ${folder})`;
}

/** Where Pulumi keeps versions, plugins and workspaces. */
export function pulumiHome(): string {
  return process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
}

async function takeInstalled(
  binDir: string,
  pinned: string,
  cancel: { signal?: AbortSignal },
): Promise<Engine | { reason: string }> {
  const command = join(binDir, "pulumi");
  if (!isExecutableFile(command)) return { reason: `${command} is not there` };
  const [finding, host] = await Promise.all([
    checkVersion(command, pinned, cancel),
    ensureLanguageHost(binDir),
  ]);
  if ("reason" in finding) return finding;
  return { ...finding, origin: host === "ours" ? "built from Go modules" : "installed" };
}

async function takeObtained(
  binDir: string,
  pinned: string,
  origin: EngineOrigin,
  cancel: { signal?: AbortSignal },
): Promise<Engine> {
  const engine = await takeInstalled(binDir, pinned, cancel);
  if (!("reason" in engine)) return { ...engine, origin };
  if (cancel.signal?.aborted === true) throw new InterruptedError();
  throw new NoEngineError(`The Pulumi CLI that was ${origin} does not run: ${engine.reason}.`);
}

function explain(pinned: string, versionDir: string, failures: readonly string[]): string {
  return [
    `There is no Pulumi CLI to run (v${pinned} or a later v3 is needed). What was tried:`,
    ...failures.map((failure) => `  - no ${failure}`),
    "Any one of these helps:",
    "  1. install Pulumi (https://www.pulumi.com/docs/install/), so that `pulumi` is on PATH",
    `  2. put a release's files (pulumi, pulumi-language-nodejs, …) into ${join(versionDir, "bin")}`,
    "  3. allow this machine to reach https://get.pulumi.com, and run this again",
    "  4. install Go 1.25 or later (https://go.dev/dl/) with a module proxy in reach, and run this again",
  ].join("\n");
}

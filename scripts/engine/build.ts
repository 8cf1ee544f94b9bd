import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { capture } from "../lib/child.ts";
import { isExecutableFile, messageOf } from "../lib/files.ts";
import { isAlive } from "../lib/process-identity.ts";
import { formatDuration, type Reporter } from "../lib/reporter.ts";
import { acquireBuildLock } from "./build-lock.ts";
import { GoFailure, runGo, type GoOptions } from "./go.ts";
import { GO_MODULE_DIR, GO_PACKAGE, isGoSuitable } from "./version.ts";

const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
const DOWNLOADING = /^go: downloading (\S+)/;

export interface BuildOptions {
  reporter: Reporter;
  /** Searched for `go`. */
  path: string;
  signal?: AbortSignal;
  /** @default engine/go */
  goModuleDir?: string;
}

/**
 * Builds the Pulumi CLI from the Go modules that engine/go pins: minutes of compiling, once.
 * @param binDir where `pulumi` appears, complete, at the end
 * @returns null when it is there, else the reason
 */
export async function buildEngine(
  version: string,
  binDir: string,
  options: BuildOptions,
): Promise<string | null> {
  const { reporter, signal } = options;
  const go = options.path
    .split(delimiter)
    .map((folder) => join(folder, "go"))
    .find(isExecutableFile);
  if (go === undefined) return "there is no go on PATH";
  const goVersion = await versionOfGo(go, signal);
  if (!isGoSuitable(goVersion)) return `${go} is ${goVersion}; go1.25 or later is needed`;

  const binary = join(binDir, "pulumi");
  const lock = await acquireBuildLock(
    join(binDir, ".build.lock"),
    async () => isExecutableFile(binary),
    {
      ...(signal === undefined ? {} : { signal }),
      onWait: (pid) => reporter.status(`engine: process ${pid} is building it; waiting`),
    },
  );
  if (lock === null) return null;
  try {
    await compile(go, version, binDir, options);
    return null;
  } catch (error) {
    signal?.throwIfAborted();
    return error instanceof GoFailure ? error.message : messageOf(error);
  } finally {
    await lock.release();
  }
}

async function compile(
  go: string,
  version: string,
  binDir: string,
  options: BuildOptions,
): Promise<void> {
  const { reporter } = options;
  const startedMs = performance.now();
  const elapsed = (): string => formatDuration(performance.now() - startedMs);
  reporter.line(
    `engine: building pulumi v${version} with ${go}; up to 6 minutes on 2 cores, only this once`,
  );
  await removeLeftovers(binDir);
  // Go's own work goes there, too: when interrupted it leaves that behind.
  const workDir = join(binDir, `.build.${process.pid}.${randomUUID()}.tmp`);
  await mkdir(workDir, { recursive: true });
  try {
    const place = { ...goPlace(options), workDir };
    const flags = buildFlags(version);
    const packages = await listPackages(go, flags, place, { reporter, elapsed });
    const binary = join(workDir, "pulumi");
    let compiled = 0;
    await runGo(go, ["build", "-v", ...flags, "-o", binary, GO_PACKAGE], {
      ...place,
      onTick: () =>
        reporter.status(`engine: compiled ${compiled} of ${packages.size} packages, ${elapsed()}`),
      onLine: (line) => {
        if (!packages.has(line)) return false;
        compiled += 1;
        return true;
      },
    });
    await rename(binary, join(binDir, "pulumi"));
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
  reporter.line(`engine: built in ${elapsed()}`);
}

/** Gets the modules and names the packages that are not in Go's build cache yet. */
async function listPackages(
  go: string,
  flags: readonly string[],
  place: Pick<GoOptions, "cwd" | "signal" | "workDir">,
  progress: { reporter: Reporter; elapsed: () => string },
): Promise<Set<string>> {
  let modules = 0;
  let current = "reading the modules";
  const format = "{{if .Stale}}{{.ImportPath}}{{end}}";
  const output = await runGo(go, ["list", "-deps", ...flags, "-f", format, GO_PACKAGE], {
    ...place,
    onTick: () => progress.reporter.status(`engine: ${current}, ${progress.elapsed()}`),
    onLine: (line) => {
      const module = DOWNLOADING.exec(line)?.[1];
      if (module === undefined) return false;
      modules += 1;
      current = `downloading module ${modules} (${module})`;
      return true;
    },
  });
  return new Set(output.split("\n").filter((line) => line !== ""));
}

/**
 * Without the version variable `pulumi version` prints nothing that parses, and the Automation API
 * refuses it.
 */
function buildFlags(version: string): string[] {
  return ["-trimpath", "-buildvcs=false", "-ldflags", `-s -w -X ${VERSION_VARIABLE}=v${version}`];
}

function goPlace(options: BuildOptions): { cwd: string; signal?: AbortSignal } {
  const { goModuleDir = GO_MODULE_DIR, signal } = options;
  return { cwd: goModuleDir, ...(signal === undefined ? {} : { signal }) };
}

/** Asked away from our go.mod, which could make Go fetch another toolchain first. */
async function versionOfGo(go: string, signal: AbortSignal | undefined): Promise<string> {
  const options = { cwd: tmpdir(), ...(signal === undefined ? {} : { signal }) };
  const { stdout, stderr } = await capture(go, ["env", "GOVERSION"], options);
  signal?.throwIfAborted();
  return stdout.trim() || stderr.trim();
}

/** Work of builds whose process was killed. */
async function removeLeftovers(binDir: string): Promise<void> {
  for (const name of await readdir(binDir)) {
    const pid = /^\.build\.(\d+)\..*\.tmp$/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(binDir, name), { recursive: true, force: true });
  }
}

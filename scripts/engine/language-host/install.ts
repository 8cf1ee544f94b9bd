import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { NodeOptions, PackageManager } from "./options.ts";
import { foldersAbove, packageFolderAbove } from "./packages.ts";

const LOCKFILES: readonly [file: string, manager: PackageManager][] = [
  ["package-lock.json", "npm"],
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
];

export interface Installation {
  manager: PackageManager;
  args: string[];
  /** Where to run it: the root of the workspace that holds the program. */
  cwd: string;
}

/** How `pulumi install` installs a program's dependencies. */
export function planInstallation(programDir: string, options: NodeOptions): Installation {
  const found = lockfileAbove(programDir);
  const cwd = found?.folder ?? packageFolderAbove(programDir) ?? programDir;
  const asked = options.packageManager;
  const manager = asked === "auto" ? (found?.manager ?? "npm") : asked;
  const production = options.production ? [PRODUCTION_FLAG[manager]] : [];
  return { manager, args: ["install", ...production], cwd };
}

const PRODUCTION_FLAG: Readonly<Record<PackageManager, string>> = {
  npm: "--omit=dev",
  pnpm: "--prod",
  yarn: "--production",
  bun: "--production",
};

/**
 * Runs an installation, passing on what it prints.
 * @throws Error when it fails
 */
export function install(
  installation: Installation,
  output: { stdout: (chunk: Buffer) => void; stderr: (chunk: Buffer) => void },
  signal: AbortSignal,
): Promise<void> {
  const { manager, args, cwd } = installation;
  const child = spawn(manager, args, { cwd, signal, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.on("data", output.stdout);
  child.stderr.on("data", output.stderr);
  return new Promise((resolve, reject) => {
    child.once("error", (error) => {
      reject(new Error(`${manager} cannot be run: ${error.message}`));
    });
    child.once("close", (code) => {
      if (code === 0) return resolve();
      reject(new Error(`${manager} ${args.join(" ")} in ${cwd} failed with exit code ${code}`));
    });
  });
}

function lockfileAbove(dir: string): { folder: string; manager: PackageManager } | null {
  for (const folder of foldersAbove(dir)) {
    const match = LOCKFILES.find(([file]) => existsSync(join(folder, file)));
    if (match !== undefined) return { folder, manager: match[1] };
  }
  return null;
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture } from "./lib/child.ts";
import { messageOf } from "./lib/files.ts";
import { CHECKOUT } from "./lib/project.ts";
import { formatDuration } from "./lib/reporter.ts";
import { listTarball } from "./lib/tarball.ts";

const USAGE = `npm run release:check

Does what a release does, in a clean clone of the commit that is checked out, up to the upload: installs,
builds, checks the packages, their sizes and types, and publishes as a dry run.`;

const PACKAGES = ["client", "infra/package", "localcloud"] as const;

const STEPS: readonly (readonly string[])[] = [
  ["npm", "ci", "--no-audit", "--no-fund"],
  ["npm", "run", "build"],
  ["npm", "run", "check:api"],
  ["npm", "publish", "--dry-run", ...PACKAGES.flatMap((folder) => ["--workspace", folder])],
];

async function main(args: readonly string[]): Promise<void> {
  if (args.length > 0) {
    console.log(USAGE);
    process.exitCode = args.join() === "--help" ? 0 : 2;
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "visitor-tracker-release-"));
  try {
    await run(["git", "clone", "--quiet", "--no-local", CHECKOUT, folder], CHECKOUT);
    for (const step of STEPS) await run(step, folder);
    for (const name of PACKAGES) {
      const files = await listTarball(join(folder, name));
      console.log(`The tarball of ${name} has\n${files.map((file) => `  ${file}`).join("\n")}`);
    }
    console.log("A release of this commit would be published.");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run([command = "", ...args]: readonly string[], cwd: string): Promise<void> {
  const line = [command, ...args].join(" ");
  console.log(line);
  const started = performance.now();
  const { code, stdout, stderr } = await capture(command, args, { cwd });
  if (code !== 0) {
    throw new Error(`${line} failed with exit code ${code}:\n${stdout}${stderr}`);
  }
  console.log(`  ok in ${formatDuration(performance.now() - started)}`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

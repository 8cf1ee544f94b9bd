import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { capture } from "./lib/child.ts";
import { messageOf, writeFileAtomically } from "./lib/files.ts";

/** What is published, by its folder. */
const PACKAGES = {
  client: "@visitor-tracker/client",
  "infra/package": "@visitor-tracker/pulumi",
  localcloud: "@visitor-tracker/localcloud",
} as const;

/**
 * Takes the changesets into the next versions, with everything that carries them: package.json and
 * changelog of each package, what the examples install, the lockfile, and the script that the Worker
 * serves under the client's version from then on.
 * @param root of the checkout, absolute
 * @throws Error with the output of the command that failed: without changesets, that says so
 */
export async function versionPackages(root: string, log: (line: string) => void): Promise<void> {
  const before = await versionsIn(root);
  await run(root, log, "changeset", ["version"]);
  const versions = await versionsIn(root);
  for await (const file of glob("examples/*/package.json", { cwd: root })) {
    const path = join(root, file);
    const text = await readFile(path, "utf8");
    const dependency = /"(@visitor-tracker\/\w+)": "[^"]*"/g;
    const renamed = text.replace(dependency, (line, name: string) => {
      const version = versions.get(name);
      return version === undefined ? line : `"${name}": "${version}"`;
    });
    await writeFileAtomically(path, renamed);
  }
  await run(root, log, "npm", ["install", "--package-lock-only", "--ignore-scripts", "--no-audit"]);
  await run(root, log, "npm", ["run", "generate"]);
  for (const [name, version] of versions) log(`${name} ${before.get(name)} -> ${version}`);
}

/** Versions by the name of the package. */
async function versionsIn(root: string): Promise<Map<string, string>> {
  const versions = new Map<string, string>();
  for (const [folder, name] of Object.entries(PACKAGES)) {
    const text = await readFile(join(root, folder, "package.json"), "utf8");
    const version = /"version": "([^"]+)"/.exec(text)?.[1];
    if (version === undefined) throw new Error(`${folder}/package.json has no version`);
    versions.set(name, version);
  }
  return versions;
}

async function run(
  cwd: string,
  log: (line: string) => void,
  command: string,
  args: readonly string[],
): Promise<void> {
  const line = [command, ...args].join(" ");
  log(line);
  const { code, stdout, stderr } = await capture(command, args, { cwd });
  if (code !== 0) throw new Error(`${line} failed with exit code ${code}:\n${stdout}${stderr}`);
}

if (import.meta.main) {
  try {
    await versionPackages(process.cwd(), console.log);
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
}

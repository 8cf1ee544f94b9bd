import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { capture } from "./lib/child.ts";
import { messageOf, writeFileAtomically } from "./lib/files.ts";

/**
 * Takes the changesets into the next version, with everything that carries it: package.json and
 * changelog of the client, what the examples install, the lockfile, and the script that the Worker
 * serves under that version from then on.
 * @param root of the checkout, absolute
 * @throws Error with the output of the command that failed: without changesets, that says so
 */
export async function versionPackages(root: string, log: (line: string) => void): Promise<void> {
  const before = await clientVersion(root);
  await run(root, log, "changeset", ["version"]);
  const version = await clientVersion(root);
  for await (const file of glob("examples/*/package.json", { cwd: root })) {
    const path = join(root, file);
    const text = await readFile(path, "utf8");
    const dependency = /(?<="@visitor-tracker\/client": ")[^"]*/;
    await writeFileAtomically(path, text.replace(dependency, version));
  }
  await run(root, log, "npm", ["install", "--package-lock-only", "--ignore-scripts", "--no-audit"]);
  await run(root, log, "npm", ["run", "generate"]);
  log(`@visitor-tracker/client ${before} -> ${version}`);
}

async function clientVersion(root: string): Promise<string> {
  const text = await readFile(join(root, "client/package.json"), "utf8");
  const version = /"version": "([^"]+)"/.exec(text)?.[1];
  if (version === undefined) throw new Error("client/package.json has no version");
  return version;
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

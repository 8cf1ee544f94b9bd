import { capture } from "./child.ts";

/**
 * The files of a package as npm would publish it, sorted.
 * @param packageDir absolute; what is to be in it has been built
 * @throws Error when npm cannot pack it
 */
export async function listTarball(packageDir: string): Promise<string[]> {
  const { code, stdout, stderr } = await capture("npm", ["pack", "--dry-run", "--json"], {
    cwd: packageDir,
  });
  if (code !== 0) throw new Error(`npm pack failed with exit code ${code}:\n${stderr}${stdout}`);
  return [...stdout.matchAll(/"path": "([^"]+)"/g)].map(([, path = ""]) => path).toSorted();
}

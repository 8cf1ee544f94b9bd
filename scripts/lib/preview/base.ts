import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { capture } from "../child.ts";
import { namesIn, readTextIfPresent } from "../files.ts";
import { list, record } from "./digest.ts";

/** Branches that a pull request may be for, in the order they are looked for. */
const MAIN_BRANCHES = ["origin/main", "main"] as const;

/** The commit that a preview is compared with, checked out. */
export interface Base {
  /** Full hash. */
  readonly commit: string;
  /** Folder of the checkout, ready to be deployed. */
  readonly root: string;
  /** Whether its dependencies are others than those that are installed here, and used for both. */
  readonly hasOtherDependencies: boolean;
  remove(): Promise<void>;
}

/**
 * The commit that `ref` names; without it, where this branch left main.
 * @throws Error when there is none, with what to do
 */
export async function resolveBase(root: string, ref: string | undefined): Promise<string> {
  if (ref !== undefined) {
    const { code, stdout } = await git(
      root,
      "rev-parse",
      "--verify",
      "--end-of-options",
      `${ref}^{commit}`,
    );
    if (code === 0) return stdout.trim();
    throw new Error(
      `--base: '${ref}' is no commit of this repository; git fetch may be what is missing.`,
    );
  }
  for (const branch of MAIN_BRANCHES) {
    const { code, stdout } = await git(root, "merge-base", "HEAD", branch);
    if (code === 0) return stdout.trim();
  }
  throw new Error(
    `There is no commit that this branch shares with ${MAIN_BRANCHES.join(" or ")}. Fetch it (git fetch origin main, ` +
      "in a workflow fetch-depth: 0), or name a commit: npm run preview -- --base <ref>.",
  );
}

/**
 * Checks the commit out beside this checkout, whose installed packages it uses.
 * @param folder that does not exist yet
 */
export async function checkOutBase(root: string, commit: string, folder: string): Promise<Base> {
  const { code, stderr } = await git(root, "worktree", "add", "--detach", folder, commit);
  if (code !== 0) throw new Error(`git worktree add failed:\n${stderr.trim()}`);
  const remove = async (): Promise<void> => {
    await git(root, "worktree", "remove", "--force", folder);
  };
  try {
    await linkPackages(root, folder);
    const { code: differs } = await git(root, "diff", "--quiet", commit, "--", "package-lock.json");
    return { commit, root: folder, hasOtherDependencies: differs !== 0, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Packages of the repository are those of the commit, all others the installed ones. */
async function linkPackages(from: string, to: string): Promise<void> {
  const modules = join(to, "node_modules");
  const own = new Map<string, string>();
  for (const folder of await workspacesOf(to)) {
    const name = (await readJson(join(to, folder, "package.json")))?.["name"];
    if (typeof name !== "string") continue;
    own.set(name, join(to, folder));
    const nested = join(from, folder, "node_modules");
    if ((await namesIn(nested)).length > 0) await symlink(nested, join(to, folder, "node_modules"));
  }
  const scopes = new Set([...own.keys()].flatMap((name) => /^@[^/]+/.exec(name) ?? []));
  const installed = await namesIn(join(from, "node_modules"));
  if (installed.length === 0) throw new Error(`${from} has no node_modules; run npm ci.`);
  await mkdir(modules, { recursive: true });
  for (const name of installed) {
    if (!scopes.has(name)) await symlink(join(from, "node_modules", name), join(modules, name));
  }
  for (const scope of scopes) await mkdir(join(modules, scope), { recursive: true });
  for (const [name, folder] of own) await symlink(folder, join(modules, name));
}

async function workspacesOf(root: string): Promise<string[]> {
  const manifest = await readJson(join(root, "package.json"));
  return list(manifest?.["workspaces"]).filter((folder) => typeof folder === "string");
}

async function readJson(path: string): Promise<{ readonly [key: string]: unknown } | undefined> {
  return record(JSON.parse((await readTextIfPresent(path)) ?? "null"));
}

function git(root: string, ...args: string[]): ReturnType<typeof capture> {
  return capture("git", ["-C", root, ...args]);
}

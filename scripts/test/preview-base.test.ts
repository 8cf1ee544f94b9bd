import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { capture } from "../lib/child.ts";
import { checkOutBase, resolveBase } from "../lib/preview/base.ts";
import { temporaryFolder, writeFiles } from "./support.ts";

let root: string;
let first: string;

beforeEach(async () => {
  root = await realpath(temporaryFolder());
  await git("init", "--quiet", "--initial-branch=main");
  await writeFiles(root, {
    ".gitignore": "node_modules\n",
    "package.json": JSON.stringify({ workspaces: ["a", "gone"] }),
    "package-lock.json": "{}",
    "a/package.json": JSON.stringify({ name: "@own/a" }),
    "a/index.ts": "first",
    "node_modules/other/index.js": "other",
    "node_modules/@own/a/index.ts": "installed",
  });
  first = await commit();
});

async function git(...args: string[]): Promise<string> {
  const identity = [
    "-c",
    "user.name=t",
    "-c",
    "user.email=t@example.com",
    "-c",
    "commit.gpgsign=false",
  ];
  const { code, stdout, stderr } = await capture("git", ["-C", root, ...identity, ...args]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

async function commit(): Promise<string> {
  await git("add", "--all");
  await git("commit", "--quiet", "--message=m");
  return await git("rev-parse", "HEAD");
}

describe("the commit that a preview is compared with", () => {
  test("is where the branch left main", async () => {
    await git("checkout", "--quiet", "-b", "topic");
    await writeFiles(root, { "a/index.ts": "second" });
    await commit();
    expect(await resolveBase(root, undefined)).toBe(first);
  });

  test("is where it left origin/main, when that is there", async () => {
    await writeFiles(root, { "a/index.ts": "second" });
    const second = await commit();
    await git("update-ref", "refs/remotes/origin/main", first);
    expect(await resolveBase(root, undefined)).toBe(first);
    await git("update-ref", "refs/remotes/origin/main", second);
    expect(await resolveBase(root, undefined)).toBe(second);
  });

  test("is the one that is named, and an unknown name is refused with what may be missing", async () => {
    expect(await resolveBase(root, "HEAD")).toBe(first);
    await expect(resolveBase(root, "--all")).rejects.toThrow(
      "'--all' is no commit of this repository",
    );
  });

  test("without a main branch is asked for", async () => {
    await git("branch", "--move", "trunk");
    await expect(resolveBase(root, undefined)).rejects.toThrow("npm run preview -- --base <ref>");
  });
});

describe("its checkout", () => {
  test("has its own packages and the others that are installed, and leaves nothing", async () => {
    await writeFiles(root, { "a/index.ts": "second" });
    const folder = join(await realpath(temporaryFolder()), "base");
    const base = await checkOutBase(root, first, folder);
    expect(base).toMatchObject({ commit: first, root: folder, hasOtherDependencies: false });
    const read = (path: string): Promise<string> => readFile(join(folder, path), "utf8");
    expect(await read("node_modules/@own/a/index.ts")).toBe("first");
    expect(await read("node_modules/other/index.js")).toBe("other");
    await base.remove();
    await expect(read("a/index.ts")).rejects.toThrow("ENOENT");
    expect(await git("worktree", "list")).not.toContain(folder);
    expect(await readFile(join(root, "node_modules/other/index.js"), "utf8")).toBe("other");
  });

  test("says when its dependencies are not those that are installed", async () => {
    await writeFiles(root, { "package-lock.json": '{"a":1}' });
    const base = await checkOutBase(root, first, join(temporaryFolder(), "base"));
    expect(base.hasOtherDependencies).toBe(true);
    await base.remove();
  });
});

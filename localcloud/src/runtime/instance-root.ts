import { randomUUID } from "node:crypto";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";

/**
 * Makes the folder of one instance. Miniflare keeps everything under one root; only Durable Objects are to
 * survive, and two instances must not open one store: so each has a root of its own, in which the objects
 * are a link.
 */
export async function makeInstanceRoot(folders: {
  objectsDir: string;
  scratchDir: string;
}): Promise<string> {
  const root = join(folders.scratchDir, randomUUID());
  await mkdir(root, { recursive: true });
  await mkdir(folders.objectsDir, { recursive: true });
  await symlink(folders.objectsDir, join(root, "do"), "junction");
  return root;
}

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { StoredObject } from "./types.ts";

/** The objects whose storage lies in a namespace's folder, by id; workerd has a SQLite file for each. */
export async function listStoredObjects(dir: string): Promise<StoredObject[]> {
  const files = await readdir(dir).catch(() => []);
  const ids = files.flatMap((file) => /^([\da-f]{64})\.sqlite$/.exec(file)?.[1] ?? []);
  return Promise.all(
    ids.toSorted().map(async (id) => {
      const sizes = ["sqlite", "sqlite-wal"].map((kind) => sizeOf(join(dir, `${id}.${kind}`)));
      // workerd makes the file when the object starts; it has pages once something is stored.
      const stored = (await Promise.all(sizes)).some((sizeBytes) => sizeBytes > 0);
      return { id, hasStoredData: stored };
    }),
  );
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

import { watch, type FSWatcher } from "node:fs";
import { join, sep } from "node:path";
import type { Project } from "./project.ts";

/** Editors save in bursts. */
const SETTLE_MS = 200;

const FOLDERS = ["worker", "protocol", "infra"] as const;
const ROOT_FILES: readonly string[] = ["Pulumi.yaml", "Pulumi.local.yaml"];

/** Folders inside those that hold no source of a deployment. */
const IGNORED: ReadonlySet<string> = new Set(["node_modules", "test", "dist"]);

/** Whether a change of this file, relative to the checkout, changes what a deployment makes. */
export function isSource(path: string): boolean {
  const parts = path.split(sep);
  const [first, ...rest] = parts;
  if (rest.length === 0) return ROOT_FILES.includes(path);
  const isHidden = parts.some((part) => part.startsWith(".") || part.endsWith("~"));
  if (isHidden || rest.some((part) => IGNORED.has(part))) return false;
  return FOLDERS.some((folder) => folder === first) && /\.(ts|js|json|html|css|svg)$/.test(path);
}

/**
 * Calls back, once for each burst, when the sources of a deployment change.
 * @param onChange receives the first file of the burst, relative to the checkout
 */
export function watchSources(
  project: Project,
  onChange: (path: string) => void,
): { close(): void } {
  let first: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  const note = (path: string): void => {
    if (!isSource(path)) return;
    first ??= path;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const changed = first ?? path;
      first = null;
      onChange(changed);
    }, SETTLE_MS);
  };
  const watchers: FSWatcher[] = FOLDERS.map((folder) =>
    watch(join(project.root, folder), { recursive: true }, (_event, name) => {
      if (name !== null) note(join(folder, name));
    }),
  );
  // The folder, not the files: editors save by replacing them.
  watchers.push(
    watch(project.root, (_event, name) => {
      if (name !== null) note(name);
    }),
  );
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isNodeError, readTextIfPresent } from "./files.ts";
import { PROJECT_NAME, type Project } from "./project.ts";

/** Says that a folder is one of ours, whose contents --reset may remove. */
const MARKER = ".visitor-tracker";

const MARKER_TEXT =
  "What npm run local of Visitor Tracker keeps; npm run local -- --reset empties it.\n";

/** Made by whatever starts Node with our environment, and no sign of anything. */
const INSIGNIFICANT: ReadonlySet<string> = new Set([MARKER, "node-cache"]);

/** Errors of the file system that are about the folder, not about us. */
const ABOUT_FOLDER: ReadonlySet<string> = new Set(
  "EROFS EACCES EPERM EEXIST ENOTDIR ENOSPC EDQUOT ELOOP ENAMETOOLONG".split(" "),
);

/**
 * Makes the state folder and marks it. Also the run that only adds to it needs one of ours: its
 * traces would make the folder look like ours to a later --reset.
 * @throws Error when it cannot be written, or has what is not ours
 */
export async function openStateFolder(project: Project): Promise<void> {
  const { stateDir } = project;
  try {
    await mkdir(stateDir, { recursive: true });
    const names = await readdir(stateDir);
    if (names.includes(MARKER)) return;
    const isEmpty = names.every((name) => INSIGNIFICANT.has(name));
    if (!isEmpty && !(await isOurs(project))) throw new Error(foreign(stateDir));
    // Not atomically: that it exists is what counts, and two may be at it.
    await writeFile(join(stateDir, MARKER), MARKER_TEXT);
  } catch (error) {
    refuseFolder(project, error);
  }
}

/** Rethrows; what the file system says about the folder, with what to do. */
export function refuseFolder({ stateDir }: Project, error: unknown): never {
  if (!isNodeError(error) || !ABOUT_FOLDER.has(error.code ?? "")) throw error;
  throw new Error(
    `The state folder ${stateDir} cannot be used: ${error.message}. Make it a folder that you may ` +
      "write to, or name another one: VISITOR_TRACKER_STATE_DIR=<folder> npm run local.",
    { cause: error },
  );
}

/** The checkout's own, or one of before there were markers, by what a run leaves. */
async function isOurs({ root, stateDir, runningFile, configFile }: Project): Promise<boolean> {
  if (stateDir === join(root, ".local")) return true;
  const [running, config] = await Promise.all([runningFile, configFile].map(readTextIfPresent));
  return (
    /"pid"[^]*"root"/.test(running ?? "") ||
    (config ?? "").includes(`${PROJECT_NAME}:cloudflareBaseUrl`)
  );
}

function foreign(stateDir: string): string {
  return (
    `${stateDir} has files in it and no ${MARKER}, so npm run local does not take it for its state ` +
    "folder, which --reset empties. Let VISITOR_TRACKER_STATE_DIR name a new or an empty folder; " +
    `if everything in this one may go, mark it: touch ${join(stateDir, MARKER)}`
  );
}

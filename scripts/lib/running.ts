import { rm } from "node:fs/promises";
import { readTextIfPresent, writeFileAtomically } from "./files.ts";
import { takeLockFile } from "./lock-file.ts";
import { isSameProcess, startedAt } from "./process-identity.ts";
import type { Project } from "./project.ts";

/** The process that serves a state folder, as `running.json` tells the others. */
export interface Running {
  pid: number;
  /** See `startedAt`; null when the system does not say. */
  startedAt: string | null;
  root: string;
  /** Null until the local cloud listens, e.g. `http://127.0.0.1:8789/client/v4`. */
  apiUrl: string | null;
  edgeUrl: string | null;
}

export class AlreadyRunningError extends Error {
  override name = "AlreadyRunningError";
}

/**
 * Makes this process the one that serves the state folder.
 * @throws AlreadyRunningError while another one does
 */
export async function claim(project: Project): Promise<Running> {
  const { pid } = process;
  const mine: Running = {
    pid,
    startedAt: startedAt(pid),
    root: project.root,
    apiUrl: null,
    edgeUrl: null,
  };
  const other = await takeLockFile(project.runningFile, serialize(mine), whoRuns);
  if (other !== null) throw new AlreadyRunningError(refusal(other, project));
  return mine;
}

export async function announce(project: Project, running: Running): Promise<void> {
  await writeFileAtomically(project.runningFile, serialize(running));
}

/** Gives the state folder up, if it is ours. */
export async function release(project: Project): Promise<void> {
  const running = parse(await readTextIfPresent(project.runningFile));
  if (running?.pid === process.pid) await rm(project.runningFile, { force: true });
}

/** The live process that serves the state folder; a file that a dead one left counts for nothing. */
export async function findRunning(project: Project): Promise<Running | null> {
  return whoRuns(await readTextIfPresent(project.runningFile));
}

function whoRuns(text: string | null): Running | null {
  const running = parse(text);
  return running !== null && isSameProcess(running.pid, running.startedAt) ? running : null;
}

function refusal(other: Running, project: Project): string {
  const where = other.edgeUrl === null ? "and is starting" : `and serves ${other.edgeUrl}`;
  return (
    `npm run local already runs for ${project.stateDir}: process ${other.pid} ${where}. ` +
    `Stop it (Ctrl-C there, or kill ${other.pid}), or give this one a state folder and ports of ` +
    "its own: VISITOR_TRACKER_STATE_DIR=.local-2 npm run local -- --port 8798 --api-port 8799."
  );
}

function serialize(running: Running): string {
  return `${JSON.stringify(running, null, 2)}\n`;
}

function parse(text: string | null): Running | null {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const field = (name: string): unknown => Reflect.get(value, name);
  const [pid, root] = [field("pid"), field("root")];
  if (typeof pid !== "number" || typeof root !== "string") return null;
  return {
    pid,
    root,
    startedAt: stringOrNull(field("startedAt")),
    apiUrl: stringOrNull(field("apiUrl")),
    edgeUrl: stringOrNull(field("edgeUrl")),
  };
}

function stringOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

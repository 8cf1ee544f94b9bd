import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { resetLocalCloud } from "../../localcloud/src/index.ts";
import { backendUrl } from "./environment.ts";
import { isNodeError, messageOf } from "./files.ts";
import { LOCAL_STACK, PROJECT_NAME, type Project } from "./project.ts";
import type { Reporter } from "./reporter.ts";

/**
 * Forgets stack `local` and the local cloud's data.
 * @throws Error, with nothing forgotten, while another process has the cloud's folder and while the
 * backend holds other stacks
 */
export async function reset(project: Project, reporter: Reporter): Promise<void> {
  const others = await otherStacks(project);
  if (others.length > 0) {
    throw new Error(
      `Nothing was reset: ${project.backendDir} holds more than stack ${LOCAL_STACK}: ` +
        `${others.join(", ")}. Move them (PULUMI_BACKEND_URL=${backendUrl(project)} pulumi ` +
        "stack export -s <stack>) or remove their files, and run this again.",
    );
  }
  try {
    // First, because it refuses while another process has the folder.
    await resetLocalCloud(project.cloudDir);
  } catch (error) {
    throw new Error(`Nothing was reset: ${messageOf(error)}`, { cause: error });
  }
  for (const folder of [project.backendDir, project.stackDir]) {
    await rm(folder, { recursive: true, force: true });
  }
  reporter.line(`reset: forgot stack ${LOCAL_STACK} and its data`);
}

/**
 * Stacks of the backend that are not ours, as `<project>/<stack>`; those of the layout without
 * projects as `<stack>`. Files are `.pulumi/stacks/<project>/<stack>.json`, or `.json.gz` and `.json.zst`
 * (backend/diy/store.go of v3.259.0).
 */
async function otherStacks(project: Project): Promise<string[]> {
  const folder = join(project.backendDir, ".pulumi/stacks");
  const paths = (await namesBelow(folder)).map((path) => path.replaceAll("\\", "/"));
  const names = paths.flatMap((path) => /^(.+)\.json(?:\.gz|\.zst)?$/.exec(path)?.[1] ?? []);
  const others = new Set(names.filter((name) => name !== `${PROJECT_NAME}/${LOCAL_STACK}`));
  return [...others].toSorted();
}

async function namesBelow(folder: string): Promise<string[]> {
  try {
    return await readdir(folder, { recursive: true });
  } catch (error) {
    if (isNodeError(error) && error.code === "ENOENT") return [];
    throw error;
  }
}

import { WORKERS_SCRIPTS } from "../../../infra/src/permissions.ts";
import { describeServing, isForeign, readServing } from "../../../infra/src/serving.ts";
import type { PulumiRun } from "../doctor/pulumi-stack.ts";
import { siteOf } from "../doctor/site.ts";
import { readSettings } from "../doctor/stack-settings.ts";
import { unanswered } from "../doctor/unanswered.ts";
import type { Project } from "../project.ts";
import { readUploadMark } from "../upload-mark.ts";

/**
 * Which version serves when it is not the one that the stack uploaded last: a refresh does not tell
 * versions apart that differ in their settings alone.
 * @returns undefined when it is that one, or nothing can be compared: no API token is set, say
 * @throws Error when the API refuses to say
 */
export async function findForeignServing(
  project: Project,
  stack: string,
  run: PulumiRun,
): Promise<string | undefined> {
  const uploaded = await readUploadMark(run.command, stack, run);
  if (uploaded === undefined) return undefined;
  const settings = await readSettings(project, stack, run);
  const { config } = settings;
  if (config === undefined) return undefined;
  const found = siteOf(settings, { stack, config, isDeployed: true, env: run.env });
  if (!("site" in found)) return undefined;
  const { api, link } = found.site;
  const serving = await readServing((path) => api.get(path), config);
  if (serving === undefined) return undefined;
  if ("versions" in serving) {
    return isForeign(serving, uploaded) ? describeServing(serving) : undefined;
  }
  const question = { check: "version", what: "which version serves", permission: WORKERS_SCRIPTS };
  throw new Error(`Which version serves: ${unanswered({ ...question, link }, serving).found}`);
}

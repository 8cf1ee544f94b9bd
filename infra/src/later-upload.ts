import { isDeepStrictEqual } from "node:util";
import type { PreviousRun } from "./previous-run.ts";
import type { DeployedScript, UploadPlan } from "./upload-plan.ts";

export interface LaterUploadOptions {
  readonly scriptName: string;
  readonly plan: UploadPlan;
  readonly deployed: DeployedScript | undefined;
  readonly previous: PreviousRun | undefined;
}

/**
 * What to say about a script that somebody uploaded since the stack's last update: the engine compares
 * with its state alone, and would report no changes while other code runs.
 * @returns undefined when what runs is what the last update left
 */
export function describeLaterUpload(options: LaterUploadOptions): string | undefined {
  const { scriptName, plan, deployed, previous } = options;
  const last = previous?.lastUpload;
  if (deployed === undefined || last === undefined || deployed.etag === last.etag) return undefined;
  // An update that was cut off after its upload leaves an older one here.
  if (!(Date.parse(deployed.modifiedOn) > Date.parse(last.modifiedOn))) return undefined;
  const isReplaced =
    plan.inputs !== last.inputs || !isDeepStrictEqual(plan.migrations, previous?.migrations);
  const outcome = isReplaced
    ? "This update replaces it."
    : "This update leaves it as it is; to put this stack's version in its place: pulumi up --refresh.";
  return (
    `The script '${scriptName}' was uploaded at ${deployed.modifiedOn}, after the last update of this stack that ended well: ` +
    `by hand, by another tool, or by an update whose answer was lost. ${outcome}`
  );
}

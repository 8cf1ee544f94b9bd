import { isDeepStrictEqual } from "node:util";
import type { PreviousRun } from "./previous-run.ts";
import { describeServing, isForeign, type Serving } from "./serving.ts";
import type { DeployedScript, UploadPlan } from "./upload-plan.ts";

export interface LaterUploadOptions {
  readonly scriptName: string;
  readonly plan: UploadPlan;
  readonly deployed: DeployedScript | undefined;
  readonly previous: PreviousRun | undefined;
  /** Fingerprint that an upload would leave on the script. @default that of the plan */
  readonly mark?: string;
  /** Undefined when it could not be asked. */
  readonly serving: Serving | undefined;
}

/**
 * What to say about a script that serves something else than the stack's last update left, by a
 * rollback or another tool: the engine compares with its state alone.
 * @returns undefined when what runs is what the last update left
 */
export function describeLaterUpload(options: LaterUploadOptions): string | undefined {
  const { scriptName, plan, deployed, previous, serving } = options;
  if (serving !== undefined && previous?.mark?.inputs !== undefined) {
    return isForeign(serving, previous.mark, options.mark ?? plan.inputs)
      ? describeForeign(scriptName, serving)
      : undefined;
  }
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

function describeForeign(scriptName: string, serving: Serving): string {
  return (
    `The script '${scriptName}' does not serve what the last update of this stack uploaded: ${describeServing(serving)}. ` +
    "This update replaces it by this stack's version. To keep it, do not update, and let code and config say the same."
  );
}

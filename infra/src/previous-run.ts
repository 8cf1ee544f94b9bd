import * as pulumi from "@pulumi/pulumi";
import { parseLastUpload, type PreviousRun } from "./upload-plan.ts";

/**
 * The stack's own outputs of its last good update, read through a reference to itself: what the
 * program cannot learn from the provider. Reading it is no change.
 */
export function readPreviousRun(): pulumi.Output<PreviousRun> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const itself = new pulumi.StackReference("last-run", { name });
  return pulumi.output(itself.outputs).apply((outputs: { [key: string]: unknown }) => {
    const scriptName = outputs["scriptName"];
    const lastUpload = parseLastUpload(outputs["lastUpload"]);
    return {
      ...(typeof scriptName === "string" ? { scriptName } : {}),
      ...(lastUpload === undefined ? {} : { lastUpload }),
    };
  });
}

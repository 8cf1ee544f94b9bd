import * as pulumi from "@pulumi/pulumi";
import { parseLastUpload, type PreviousRun } from "./upload-plan.ts";

/**
 * The stack's own outputs of its last good update, read through a reference to itself: what the
 * program cannot learn from the provider. Reading it is no change.
 */
export async function readPreviousRun(): Promise<PreviousRun> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const itself = new pulumi.StackReference("last-run", { name });
  const scriptName = await readOutput(itself, "scriptName");
  const lastUpload = parseLastUpload(await readOutput(itself, "lastUpload"));
  return {
    ...(typeof scriptName === "string" ? { scriptName } : {}),
    ...(lastUpload === undefined ? {} : { lastUpload }),
  };
}

async function readOutput(stack: pulumi.StackReference, name: string): Promise<unknown> {
  const { value, secretValue } = await stack.getOutputDetails(name);
  return value ?? secretValue;
}

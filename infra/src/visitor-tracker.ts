// By file: the package's index takes a third of a second, at each preview and update.
import { WorkersScript } from "@pulumi/cloudflare/workersScript.js";
import * as pulumi from "@pulumi/pulumi";
import type { Exposure } from "./exposure-config.ts";
import { exposeScript } from "./exposure.ts";
import { COMPONENT_TYPE } from "./previous-run.ts";
import { scriptInputs, type ScriptOptions } from "./script-inputs.ts";
import type { UploadPlan } from "./upload-plan.ts";

export interface VisitorTrackerArgs extends ScriptOptions {
  /** Account that owns the Worker. */
  readonly accountId: pulumi.Input<string>;
  readonly exposure: Exposure;
  /** ID of the zone that the route and the custom domain are in; a route needs it. */
  readonly zoneId?: pulumi.Input<string> | undefined;
  /** From `planUpload`, for every run anew: migrations are a delta against what is deployed. */
  readonly plan: UploadPlan;
}

/** The Worker with its Durable Object namespace, and what makes it reachable. */
export class VisitorTracker extends pulumi.ComponentResource {
  readonly scriptName: pulumi.Output<string>;
  /** Tag of the last migration that the script went through. */
  readonly migrationTag: pulumi.Output<string>;

  constructor(name: string, args: VisitorTrackerArgs, opts?: pulumi.ComponentResourceOptions) {
    super(COMPONENT_TYPE, name, {}, opts);
    const { accountId, exposure, zoneId, plan } = args;

    const script = new WorkersScript(
      name,
      { accountId, ...scriptInputs(args), migrations: plan.migrations },
      { parent: this, protect: args.protect },
    );
    exposeScript(name, { accountId, scriptName: script.scriptName, exposure, zoneId }, this);

    this.scriptName = script.scriptName;
    this.migrationTag = script.migrationTag;
    this.registerOutputs({
      scriptName: this.scriptName,
      migrationTag: this.migrationTag,
      // For the next run, see previous-run.ts. A refresh changes the script's outputs, but not these.
      lastUpload: { inputs: plan.inputs, etag: script.etag, modifiedOn: script.modifiedOn },
    });
  }
}

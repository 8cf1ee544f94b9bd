import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { Exposure } from "./exposure-config.ts";
import { exposeScript } from "./exposure.ts";
import type { PendingMigrations } from "./migrations.ts";
import { scriptInputs, type ScriptOptions } from "./script-inputs.ts";

export interface VisitorTrackerArgs extends ScriptOptions {
  /** Account that owns the Worker. */
  readonly accountId: pulumi.Input<string>;
  readonly exposure: Exposure;
  /** ID of the zone that the route and the custom domain are in; a route needs it. */
  readonly zoneId?: pulumi.Input<string> | undefined;
  /**
   * What this upload says about migrations, from `planUpload`. Never a fixed value: it is a delta
   * against what is deployed, and fails the next upload.
   */
  readonly migrations?: pulumi.Input<PendingMigrations | undefined>;
}

/** The Worker with its Durable Object namespace, and what makes it reachable. */
export class VisitorTracker extends pulumi.ComponentResource {
  readonly scriptName: pulumi.Output<string>;
  /** Tag of the last migration that the script went through. */
  readonly migrationTag: pulumi.Output<string>;
  readonly etag: pulumi.Output<string>;
  /** When the script was uploaded last, RFC 3339. */
  readonly modifiedOn: pulumi.Output<string>;

  constructor(name: string, args: VisitorTrackerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("visitor-tracker:index:VisitorTracker", name, {}, opts);
    const { accountId, exposure, zoneId, migrations } = args;

    const script = new cloudflare.WorkersScript(
      name,
      { accountId, ...scriptInputs(args), migrations },
      { parent: this, protect: args.protect },
    );
    exposeScript(name, { accountId, scriptName: script.scriptName, exposure, zoneId }, this);

    this.scriptName = script.scriptName;
    this.migrationTag = script.migrationTag;
    this.etag = script.etag;
    this.modifiedOn = script.modifiedOn;
    this.registerOutputs({ scriptName: this.scriptName, migrationTag: this.migrationTag });
  }
}

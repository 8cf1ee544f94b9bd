import * as cloudflare from "@pulumi/cloudflare";
import cloudflarePackage from "@pulumi/cloudflare/package.json" with { type: "json" };
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "@visitor-tracker/protocol";
import type { Exposure } from "./exposure-config.ts";
import { exposeScript } from "./exposure.ts";
import { LEDGER } from "./ledger.ts";
import { scriptInputs, type WorkerBundle } from "./script-inputs.ts";
import {
  planUpload,
  type DeployedScript,
  type LastUpload,
  type PreviousRun,
} from "./upload-plan.ts";

export interface VisitorTrackerArgs {
  /** Account that owns the Worker. */
  readonly accountId: pulumi.Input<string>;
  /** Name of the script. Another name makes another script, and destroys this one with its objects. */
  readonly scriptName: string;
  readonly bundle: WorkerBundle;
  /** Origins whose pages may connect, as the protocol's `parseOrigins` takes them. */
  readonly allowedOrigins: readonly string[];
  readonly exposure: Exposure;
  readonly settings: Settings;
  /**
   * What the stack's last update left, see `readPreviousRun`. Without it the update after a
   * migration uploads the script once more than it must, and a rename is not noticed.
   * @default nothing
   */
  readonly previous?: pulumi.Input<PreviousRun>;
  /** Refuses to delete or replace the script. @default false */
  readonly protect?: boolean;
  /** Name of the script that an update may replace by another. @default none */
  readonly allowDataLoss?: string | undefined;
}

/** The Worker with its Durable Object namespace, and what makes it reachable. */
export class VisitorTracker extends pulumi.ComponentResource {
  readonly scriptName: pulumi.Output<string>;
  /** Tag of the last migration that the script went through. */
  readonly migrationTag: pulumi.Output<string>;
  /** What the next run must know: goes to the stack's outputs as `lastUpload`. */
  readonly lastUpload: pulumi.Output<LastUpload>;

  constructor(name: string, args: VisitorTrackerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("visitor-tracker:index:VisitorTracker", name, {}, opts);
    const { accountId, exposure, protect = false } = args;

    const inputs = scriptInputs({ ...args, force: !protect });
    const plan = pulumi.unsecret(
      pulumi
        .all([accountId, args.previous ?? {}, this.#findDeployed(args)])
        .apply(([account, previous, deployed]) =>
          planUpload({
            ledger: LEDGER,
            accountId: account,
            scriptName: args.scriptName,
            // Another version of the provider may upload what has not changed here.
            inputs: { ...inputs, provider: cloudflarePackage.version },
            deployed,
            previous,
            allowDataLoss: args.allowDataLoss,
          }),
        ),
    );
    const script = new cloudflare.WorkersScript(
      name,
      { accountId, ...inputs, migrations: plan.apply(({ migrations }) => migrations) },
      { parent: this, protect },
    );
    exposeScript(name, { accountId, scriptName: script.scriptName, exposure }, this);

    this.scriptName = script.scriptName;
    this.migrationTag = script.migrationTag;
    this.lastUpload = pulumi
      .all([plan, script.etag, script.modifiedOn])
      .apply(([{ inputs: fingerprint, account, migrations }, etag, modifiedOn]) => ({
        inputs: fingerprint,
        account,
        etag,
        modifiedOn,
        ...(migrations === undefined ? {} : { migrations }),
      }));
    this.registerOutputs({ scriptName: this.scriptName, migrationTag: this.migrationTag });
  }

  /** The script as it is in the account, by the same provider, in previews too. */
  #findDeployed({
    accountId,
    scriptName,
  }: VisitorTrackerArgs): pulumi.Output<DeployedScript | undefined> {
    return cloudflare
      .getWorkersScriptsOutput({ accountId }, { parent: this })
      .results.apply((scripts) => scripts.find(({ id }) => id === scriptName));
  }
}

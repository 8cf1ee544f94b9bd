import { createHash } from "node:crypto";
import { RunError } from "@pulumi/pulumi";
import { isRecord } from "./is-record.ts";
import { deletedBy } from "./ledger-rules.ts";
import type { Migration } from "./ledger.ts";
import { pendingMigrations, type PendingMigrations } from "./migrations.ts";
import type { PreviousRun } from "./previous-run.ts";
import { isForeign, type Serving } from "./serving.ts";

/** What the account says about the script before an update. */
export interface DeployedScript {
  readonly migrationTag?: string | undefined;
  readonly etag: string;
  /** RFC 3339. */
  readonly modifiedOn: string;
}

export interface UploadPlanOptions {
  readonly ledger: readonly Migration[];
  readonly accountId: string;
  readonly scriptName: string;
  /** Everything else that decides what is uploaded: plain data. */
  readonly inputs: object;
  /** Fingerprint that the upload leaves on the script. @default that of the inputs */
  readonly mark?: string;
  /** Undefined when the account has no such script. */
  readonly deployed?: DeployedScript | undefined;
  /** What the script answers with; undefined when there is none, or it could not be asked. */
  readonly serving?: Serving | undefined;
  /** Undefined when the stack has no script yet. */
  readonly previous?: PreviousRun | undefined;
  /** Names of scripts and Durable Object classes that may be destroyed. @default [] */
  readonly allowDataLoss?: readonly string[];
}

export interface UploadPlan {
  /** Fingerprint of the inputs, which the component keeps for the next run. */
  readonly inputs: string;
  readonly migrations?: PendingMigrations;
  /** ID of the deployment that the upload is to take out of force, or an earlier one took: see below. */
  readonly replaces?: string;
}

/**
 * Decides what the next upload says about migrations.
 *
 * Nothing, when nothing is pending. But the provider keeps what the last upload said as an input, so
 * leaving it out is a change, and a change is an upload. Hence the value is repeated as long as the
 * script would not be uploaded anyway: same inputs, and the script in the account is the one that
 * the last run left there. A repeated value in a real upload would fail (412, 10079).
 *
 * And whether there has to be one though nothing has changed here: when something else serves than the
 * last upload, by a rollback for instance, which the engine cannot see. Then the upload names what it
 * replaces, and that is a change too; it is repeated from then on.
 * @throws RunError when objects would be destroyed: the script's by another name or account, a class's by a migration; or when the ledger does not know the deployed tag
 */
export function planUpload(options: UploadPlanOptions): UploadPlan {
  refuseDataLoss(options);
  const { ledger, deployed, previous, serving } = options;
  const inputs = fingerprint(options.inputs);
  const { mark = inputs } = options;
  const pending = pendingMigrations(ledger, deployed?.migrationTag);
  if (deployed !== undefined) refuseClassLoss(pending?.steps ?? [], options);
  const isReplaced = serving !== undefined && isForeign(serving, previous?.mark, mark);
  const isSame = !isReplaced && isUntouched(inputs, deployed, previous);
  const migrations = pending ?? (isSame ? previous?.migrations : undefined);
  const replaces = isReplaced ? serving.deploymentId : previous?.mark?.replaces;
  return {
    inputs,
    ...(migrations === undefined ? {} : { migrations }),
    ...(replaces === undefined ? {} : { replaces }),
  };
}

/** Sixteen hexadecimal digits that differ when `value`, as JSON, does; the order of keys does not matter. */
export function fingerprint(value: object): string {
  return createHash("sha256").update(JSON.stringify(value, sortKeys)).digest("hex").slice(0, 16);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isUntouched(
  inputs: string,
  deployed: DeployedScript | undefined,
  previous: PreviousRun | undefined,
): boolean {
  const last = previous?.lastUpload;
  if (deployed === undefined || last === undefined) return false;
  const isSameVersion =
    deployed.etag === last.etag && Date.parse(deployed.modifiedOn) === Date.parse(last.modifiedOn);
  return isSameVersion && inputs === last.inputs;
}

/** The engine lets one update take the protection off and replace the script. That is too easily done. */
function refuseWhileProtected({ scriptName, isProtected }: PreviousRun): void {
  if (!isProtected) return;
  throw new RunError(
    `The script '${scriptName}' is protected, and its protection must be taken off in an update of its own. Nothing was changed. ` +
      "Set scriptName and accountId back, and then: pulumi config rm allowDataLoss, pulumi config set protect false, pulumi up. After that, do what you want to do again.",
  );
}

/** A deleted class is gone with all its objects. A new script has none yet. */
function refuseClassLoss(
  steps: PendingMigrations["steps"],
  { allowDataLoss = [], previous }: UploadPlanOptions,
): void {
  const all = deletedBy(steps);
  const lost = all.filter((name) => !allowDataLoss.includes(name));
  const [first] = lost;
  if (first === undefined) {
    if (all.length > 0 && previous !== undefined) refuseWhileProtected(previous);
    return;
  }
  throw new RunError(
    `This update would delete the Durable Object class ${lost.join(", ")}, and Cloudflare destroys all its objects. Nothing was changed. ` +
      "To keep them under another name, write renamedClasses instead of deletedClasses in that entry of the ledger. " +
      `To go on, say so: pulumi config set allowDataLoss ${first} (a protected script first needs an update with: pulumi config set protect false).`,
  );
}

/**
 * Another name or account makes another script: Cloudflare then destroys the old one with all its
 * objects. Needs nothing of the account, which a token of the one before may not read.
 * @throws RunError that says how to keep the script and how to go on
 */
export function refuseDataLoss(
  options: Pick<UploadPlanOptions, "accountId" | "scriptName" | "previous" | "allowDataLoss">,
): void {
  const { accountId, scriptName, previous, allowDataLoss = [] } = options;
  if (previous === undefined) return;
  const old = previous.scriptName;
  const isRenamed = old !== scriptName;
  if (!isRenamed && previous.accountId === accountId) return;
  if (allowDataLoss.includes(old)) return refuseWhileProtected(previous);
  const what = isRenamed
    ? `replace the script '${old}' by '${scriptName}'`
    : `move the script '${old}' to another account`;
  const back = isRenamed ? `scriptName ${old}` : "accountId <the account before>";
  throw new RunError(
    `This update would ${what}: Cloudflare destroys the old script with all its Durable Objects and disconnects their visitors. ` +
      `To keep it, go back: pulumi config set ${back}. ` +
      `To go on, say so: pulumi config set allowDataLoss ${old} (a protected script first needs an update with: pulumi config set protect false).`,
  );
}

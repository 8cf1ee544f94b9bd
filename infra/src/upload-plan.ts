import { createHash } from "node:crypto";
import { RunError } from "@pulumi/pulumi";
import type { Migration } from "./ledger.ts";
import { parseMigrations, pendingMigrations, type PendingMigrations } from "./migrations.ts";

/** What the account says about the script before an update. */
export interface DeployedScript {
  readonly migrationTag?: string | undefined;
  readonly etag: string;
  /** RFC 3339. */
  readonly modifiedOn: string;
}

/** What one run leaves in the stack's outputs for the next. */
export interface LastUpload {
  /** Fingerprint of the script's inputs without its migrations. */
  readonly inputs: string;
  /** Fingerprint of the account ID, which may be a secret. */
  readonly account: string;
  readonly etag: string;
  /** RFC 3339. */
  readonly modifiedOn: string;
  /** What was said about migrations, which the provider keeps in its state. */
  readonly migrations?: PendingMigrations;
}

/** The stack as its last good update left it; empty before the first one and after a failed one. */
export interface PreviousRun {
  readonly scriptName?: string;
  readonly lastUpload?: LastUpload;
}

export interface UploadPlanOptions {
  readonly ledger: readonly Migration[];
  readonly accountId: string;
  readonly scriptName: string;
  /** The script's inputs without its migrations: plain data. */
  readonly inputs: object;
  /** Undefined when the account has no such script. */
  readonly deployed?: DeployedScript | undefined;
  readonly previous?: PreviousRun;
  /** Name of the script that may be destroyed. */
  readonly allowDataLoss?: string | undefined;
}

export interface UploadPlan {
  readonly inputs: string;
  readonly account: string;
  readonly migrations?: PendingMigrations;
}

/**
 * Decides what the next upload says about migrations.
 *
 * Nothing, when nothing is pending. But the provider keeps what the last upload said as an input, so
 * leaving it out is a change, and a change is an upload. Hence the value is repeated as long as the
 * script would not be uploaded anyway: same inputs, and the script in the account is the one that
 * the last run left there. A repeated value in a real upload would fail (412, 10079).
 * @throws RunError when the script would move to another name or account, or when the ledger does not know the deployed tag
 */
export function planUpload(options: UploadPlanOptions): UploadPlan {
  const { ledger, accountId, inputs, deployed, previous = {} } = options;
  const plan = { inputs: fingerprint(inputs), account: fingerprint(accountId) };
  refuseDataLoss(options, plan.account);
  const migrations =
    pendingMigrations(ledger, deployed?.migrationTag) ??
    (isUntouched(plan, deployed, previous.lastUpload)
      ? previous.lastUpload?.migrations
      : undefined);
  return { ...plan, ...(migrations === undefined ? {} : { migrations }) };
}

/** Reads what {@link LastUpload} describes; undefined when it is not of this shape. */
export function parseLastUpload(value: unknown): LastUpload | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { inputs, account, etag, modifiedOn, migrations }: { [key: string]: unknown } = {
    ...value,
  };
  if (typeof inputs !== "string" || typeof account !== "string") return undefined;
  if (typeof etag !== "string" || typeof modifiedOn !== "string") return undefined;
  const parsed = parseMigrations(migrations);
  return { inputs, account, etag, modifiedOn, ...(parsed ? { migrations: parsed } : {}) };
}

/** Sixteen hexadecimal digits that differ when `value`, as JSON, does; the order of keys does not matter. */
export function fingerprint(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value, sortKeys)).digest("hex").slice(0, 16);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isUntouched(
  plan: UploadPlan,
  deployed: DeployedScript | undefined,
  last: LastUpload | undefined,
): boolean {
  if (deployed === undefined || last === undefined) return false;
  const isSameUpload =
    deployed.etag === last.etag && Date.parse(deployed.modifiedOn) === Date.parse(last.modifiedOn);
  return isSameUpload && plan.inputs === last.inputs && plan.account === last.account;
}

/** Another name or account makes another script: Cloudflare then destroys the old one with all its objects. */
function refuseDataLoss(options: UploadPlanOptions, account: string): void {
  const { scriptName, previous, allowDataLoss } = options;
  const old = previous?.scriptName;
  if (old === undefined || old === allowDataLoss) return;
  const lastAccount = previous?.lastUpload?.account;
  const isMoved = lastAccount !== undefined && lastAccount !== account;
  if (old === scriptName && !isMoved) return;
  const what =
    old === scriptName
      ? `move the script '${old}' to another account`
      : `replace the script '${old}' by '${scriptName}'`;
  throw new RunError(
    `This update would ${what}: Cloudflare destroys the old script with all its Durable Objects and disconnects their visitors. ` +
      `To keep it, go back: pulumi config set ${old === scriptName ? "accountId <the account before>" : `scriptName ${old}`}. ` +
      `To go on, say so: pulumi config set allowDataLoss ${old} (a protected script first needs an update with: pulumi config set protect false).`,
  );
}

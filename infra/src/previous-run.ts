import { setTimeout as wait } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { isRecord } from "./is-record.ts";
import { parseMigrations, type PendingMigrations } from "./migrations.ts";
import { markIn, type UploadMark } from "./stack-mark.ts";

/** The script as the last update of this stack left it. */
export interface PreviousRun {
  readonly scriptName: string;
  readonly accountId: string;
  /** Whether that update protected it. */
  readonly isProtected: boolean;
  /** What the last upload said about migrations. */
  readonly migrations?: PendingMigrations;
  /** What the last upload left on the script; undefined for one of an older version of this code. */
  readonly mark?: UploadMark;
  /** Undefined when the update was interrupted after the upload. */
  readonly lastUpload?: LastUpload;
}

/** What an upload was made of, as the component registers it. */
export interface LastUpload {
  /** Fingerprint of the script's inputs without its migrations. */
  readonly inputs: string;
  readonly etag: string;
  /** RFC 3339. */
  readonly modifiedOn: string;
}

/** Answers with `{type, outputs}` of every resource in a stack's state, by URN. */
const READ_STATE = "pulumi:pulumi:readStackResourceOutputs";
const READ_ATTEMPTS = 10;
const READ_PAUSE_MS = 100;
export const SCRIPT_TYPE = "cloudflare:index/workersScript:WorkersScript";
export const COMPONENT_TYPE = "visitor-tracker:index:VisitorTracker";

/**
 * Reads from the stack's own state what the provider cannot tell. Not a reference to the stack, whose
 * outputs are gone after a failed update, and would show up in every diff.
 * @returns for {@link parsePreviousRun}
 * @throws RunError when the state cannot be read
 */
export async function readOwnState(): Promise<unknown> {
  const stack = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  return await readState(stack);
}

/**
 * The engine saves the state while the program runs, and a file backend writes a small file beside it
 * in place: who reads in that moment is told `failed to load checkpoint: EOF`. So it is asked again.
 */
async function readState(stackName: string): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await pulumi.runtime.invoke(READ_STATE, { stackName });
    } catch (error) {
      if (attempt === READ_ATTEMPTS) throw unreadable(stackName, error);
      await wait(READ_PAUSE_MS);
    }
  }
}

function unreadable(stackName: string, error: unknown): pulumi.RunError {
  const reason = error instanceof Error ? error.message : String(error);
  return new pulumi.RunError(
    `The state of stack '${stackName}' cannot be read, and without it an update could destroy the script: ${reason}\nNothing was changed. Check that the pulumi CLI is the version that scripts/engine/go/go.mod names, or a later one, and try again.`,
  );
}

/**
 * Finds the component `name` and its script in what the engine answers.
 * @returns undefined when the state has no script
 */
export function parsePreviousRun(state: unknown, name: string): PreviousRun | undefined {
  const resources = isRecord(state) && isRecord(state["outputs"]) ? state["outputs"] : {};
  const script = outputsOf(resources, SCRIPT_TYPE, name);
  const { scriptName, accountId, bindings, migrations, force } = script;
  if (typeof scriptName !== "string" || typeof accountId !== "string") return undefined;
  const parsed = parseMigrations(migrations);
  const mark = markIn(bindings);
  const lastUpload = parseLastUpload(outputsOf(resources, COMPONENT_TYPE, name)["lastUpload"]);
  return {
    scriptName,
    accountId,
    // The engine does not tell; the script is uploaded with one or the other, see script-inputs.ts.
    isProtected: force !== true,
    ...(parsed === undefined ? {} : { migrations: parsed }),
    ...(mark === undefined ? {} : { mark }),
    ...(lastUpload === undefined ? {} : { lastUpload }),
  };
}

function outputsOf(
  resources: { readonly [urn: string]: unknown },
  type: string,
  name: string,
): { readonly [key: string]: unknown } {
  for (const [urn, resource] of Object.entries(resources)) {
    if (!isRecord(resource) || resource["type"] !== type || !urn.endsWith(`::${name}`)) continue;
    return isRecord(resource["outputs"]) ? resource["outputs"] : {};
  }
  return {};
}

function parseLastUpload(value: unknown): LastUpload | undefined {
  if (!isRecord(value)) return undefined;
  const { inputs, etag, modifiedOn } = value;
  if (typeof inputs !== "string") return undefined;
  if (typeof etag !== "string" || typeof modifiedOn !== "string") return undefined;
  return { inputs, etag, modifiedOn };
}
